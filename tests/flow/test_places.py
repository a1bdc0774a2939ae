"""Where one may order: servers on the list, channels one may write in, and elsewhere."""

from pathlib import Path

from bot.core.limits import PeriodKind, Rule, person_scope, server_scope
from bot.core.money import Money
from sandbox.discord.permissions import May
from sandbox.omixa import faults
from tests.flow.world import World, world_of


async def allow_direct(world: World, limit: Money | Rule = Rule.UNLIMITED) -> None:
    await world.store.set_limit(server_scope(None), PeriodKind.DAY, limit, actor=1)


async def test_a_channel_where_the_bot_may_not_post_is_refused_before_the_hold(
    world: World,
) -> None:
    quiet = world.discord.channel("quiet")
    order = await world.ann.slash("imagine", prompt="a fox", channel=quiet)

    assert (await world.answered(order)).text == (
        "I can't post pictures in this channel: I need Send Messages and Attach Files. "
        "Nothing was held."
    )
    assert await world.store.receipts(int(world.ann.id), None) == []
    assert world.omixa.calls == 0


async def test_history_is_needed_too(world: World) -> None:
    overwrite = (May(0), May.READ_MESSAGE_HISTORY)
    world.discord.home.overwrites[world.discord.bot.id] = overwrite
    order = await world.ann.slash("imagine", prompt="a fox")

    assert "I need Read Message History." in (await world.answered(order)).text


async def test_a_server_that_is_not_on_the_list_is_refused(tmp_path: Path) -> None:
    async with world_of(tmp_path, GUILD_ALLOWLIST="1") as world:
        order = await world.ann.slash("imagine", prompt="a fox")

        assert (await world.answered(order)).text == (
            "I am not set up to paint in this server. The bot's operator can allow it."
        )
        assert world.omixa.calls == 0


async def test_conversations_are_refused_and_have_nothing_left(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a fox", channel=world.ann.dm)

    assert (await world.answered(order)).text == (
        "I only paint in servers I am a member of: orders anywhere else are switched off for this "
        "bot."
    )
    quota = (await world.answered(await world.ann.slash("quota", channel=world.ann.dm))).text
    assert "orders anywhere else are switched off" in quota
    assert "$1.00" not in quota
    assert world.omixa.calls == 0


async def test_a_conversation_gets_its_pictures_on_the_answer_itself(world: World) -> None:
    await allow_direct(world)
    order = await world.ann.slash("imagine", prompt="a fox", channel=world.ann.dm, count=5)
    await world.ann.waits_for(lambda message: len(message.files) == 5)
    await world.idle()

    assert order.original is not None
    assert len(order.original.files) == 5
    assert not order.original.ephemeral
    assert "Painting" not in order.original.text
    assert "**a fox**" in order.original.text
    assert len(world.pictures(world.ann.dm)) == 1


async def test_where_only_a_person_installed_the_app_the_answer_is_the_result(
    world: World,
) -> None:
    await allow_direct(world)
    channel = world.discord.channel("general", world.discord.add_server("Away", has_bot=False))
    order = await world.ann.slash("imagine", prompt="a fox", channel=channel)
    result = await world.ben.waits_for(lambda message: bool(message.files))
    await world.idle()

    assert result is order.original
    assert result.mentions == [world.ann.user]
    assert "receipt" not in result.text
    assert "charged" not in result.text


async def test_a_failure_where_only_a_person_installed_the_app_is_told(world: World) -> None:
    await allow_direct(world)
    world.omixa.next(faults.status(422))
    channel = world.discord.channel("general", world.discord.add_server("Away", has_bot=False))
    order = await world.ann.slash("imagine", prompt="a fox", channel=channel)

    assert "did not accept the order" in await world.ended(order)


async def test_amounts_are_not_told_where_everybody_reads(world: World) -> None:
    await allow_direct(world)
    person = await world.store.person(int(world.ann.id))
    scope = person_scope(None, person)
    await world.store.set_limit(scope, PeriodKind.DAY, Money(10_000), actor=1)
    channel = world.discord.channel("general", world.discord.add_server("Away", has_bot=False))
    order = await world.ann.slash("imagine", prompt="a fox", channel=channel)

    answer = await world.answered(order)
    assert not answer.ephemeral
    assert answer.content == (
        "Your limit does not allow this order right now. `/quota` shows you why."
    )


async def test_a_private_order_outside_of_servers_is_for_one_person(world: World) -> None:
    await allow_direct(world)
    channel = world.discord.channel("general", world.discord.add_server("Away", has_bot=False))
    order = await world.ann.slash("imagine", prompt="a fox", channel=channel, private=True)
    await world.ended(order)

    assert world.pictures(channel) == []
    assert order.original is not None
    assert len(order.original.files) == 1


async def test_what_one_can_afford_outside_of_servers_is_nothing_by_default(world: World) -> None:
    choices = await world.ann.autocomplete("imagine", focused="model", channel=world.ann.dm)

    assert all(choice.name.endswith("you can afford 0") for choice in choices)
