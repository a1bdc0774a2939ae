"""Bad input is refused in one sentence that names the option and what is accepted."""

from datetime import UTC, datetime

import pytest

from bot.chat import refusals, words
from bot.core.limits import (
    OPERATOR,
    PeriodKind,
    Rule,
    Scope,
    ScopeKind,
    member_scope,
    members_scope,
    person_scope,
    scope,
    server_scope,
)
from bot.core.money import Money
from bot.core.problems import Blocked, OverLimit, Shortage
from sandbox.discord.interactions import Interaction
from sandbox.people import Person
from tests.flow.world import World


async def refused(world: World, interaction: Interaction) -> str:
    """Read a refusal, and check that nothing was held or sent for it."""
    text = (await world.answered(interaction)).text
    assert not await world.store.held()
    assert await world.store.receipts(int(interaction.user.id), None) == []
    assert world.omixa.calls == 0
    assert interaction.original is not None
    assert interaction.original.ephemeral
    return text


@pytest.mark.parametrize(
    "prompt", [" ", "\n\t ", "\u200b\u200d\ufeff", "\x00\x01", "\u202e", "\ufe0f"]
)
async def test_a_prompt_without_a_letter_is_empty(world: World, prompt: str) -> None:
    text = await refused(world, await world.ann.slash("imagine", prompt=prompt))

    assert text == "`prompt` is empty: say what you would like to see, in 1 to 4,000 characters."


async def test_an_overlong_prompt_is_told_its_length(world: World) -> None:
    order = await world.tampered(world.ann, "imagine", prompt="x" * 5000)

    assert await refused(world, order) == "`prompt` has 5,000 characters; 4,000 are accepted."


@pytest.mark.parametrize("count", [0, 11, -1])
async def test_a_count_out_of_range_is_told_the_range(world: World, count: int) -> None:
    order = await world.tampered(world.ann, "imagine", prompt="a fox", count=count)

    assert await refused(world, order) == f"`count` can be 1 to 10, not {count}."


@pytest.mark.parametrize(
    ("option", "value", "accepted"),
    [
        ("aspect", "21:9", "1:1, 16:9, 9:16, 4:3 and 3:4"),
        ("size", "8K", "0.5K, 1K, 2K and 4K"),
        ("format", "gif", "png, jpeg and webp"),
        ("thinking", "deep", "minimal and high"),
    ],
)
async def test_a_value_that_is_on_no_list_is_told_the_list(
    world: World, option: str, value: str, accepted: str
) -> None:
    order = await world.tampered(world.ann, "imagine", prompt="a fox", **{option: value})

    text = await refused(world, order)
    assert text.startswith(f"Imagen 4 does not take `{option}` {value}; it takes {accepted}.")


async def test_an_unknown_model_is_told_which_there_are(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a fox", model="dall-e `@everyone`")

    text = await refused(world, order)
    assert text == (
        "`model` can be Imagen 4 or Imagen 4 Fast, not `dall-e ˋ@everyoneˋ`."  # noqa: RUF001 - a mark that ends no code
    )


async def test_a_row_that_is_switched_off_is_unknown(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a fox", model="Nano Banana")

    assert (await refused(world, order)).endswith("not `Nano Banana`.")


@pytest.mark.parametrize(
    "prompt",
    ['{"n": 10}', "'; DROP TABLE job; --", "{prompt} {0} %s %(x)s ${HOME}", "\\u0000 \\/ \\"],
)
async def test_a_prompt_that_looks_like_code_is_only_words(world: World, prompt: str) -> None:
    await world.ended(await world.ann.slash("imagine", prompt=prompt))

    assert world.omixa.requests[0].body["prompt"] == prompt


async def test_what_nobody_sees_does_not_leave(world: World) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="a\x00 f\u202eox\ud800"))

    assert world.omixa.requests[0].body["prompt"] == "a fox"


async def test_a_command_that_is_gone_says_so(world: World) -> None:
    assert world.easel.client is not None
    removed = world.easel.client.tree.remove_command("help")
    assert removed is not None
    answer = await world.ann.slash("help")

    assert (await world.answered(answer)).text == (
        "This command has changed. Please reload Discord and try again."
    )


async def test_a_handler_that_breaks_gives_a_number_and_no_detail(world: World) -> None:
    order = await world.tampered(
        world.ann, "budget set", scope="each person", amount="5", period="x"
    )

    text = (await world.answered(order)).text
    assert "incident `" in text
    assert "ValueError" not in text


async def test_a_failure_that_cannot_be_told_ends_there(world: World) -> None:
    world.discord.faults.cut("PATCH", "/webhooks/*", applied=False)
    broken = await world.tampered(
        world.ann, "budget set", scope="each person", amount="5", period="x"
    )
    assert (await world.answered(await world.ann.slash("quota"))).text

    assert broken.thinking


async def test_somebody_at_their_limit_reads_which_and_until_when(world: World) -> None:
    await world.budget(scope="each person", amount="0.05")
    await world.ended(await world.ben.slash("imagine", prompt="a fox"))
    second = await world.ben.slash("imagine", prompt="a fox")
    larger = await world.ben.slash("imagine", prompt="a fox", count=2)

    assert (await world.answered(second)).text.startswith(
        "This needs $0.04 and your limit of $0.05 a day has $0.011 left. It starts again <t:"
    )
    assert (await world.answered(larger)).content == (
        "This needs $0.08, more than your limit of $0.05 a day, which has $0.011 left. Waiting "
        "does not help; a smaller order may."
    )


@pytest.mark.parametrize(
    ("whose", "told"),
    [
        ("each person", "You may not order pictures here. A manager of this server can change"),
        ("this server", "Pictures are switched off in this server. A manager of it can change"),
    ],
)
async def test_the_blocked_read_who_can_change_it(world: World, whose: str, told: str) -> None:
    await world.budget(scope=whose, amount="blocked")
    order = await world.ben.slash("imagine", prompt="a fox")

    assert (await refused(world, order)).startswith(told)


NEXT = datetime(2026, 6, 16, tzinfo=UTC)
AGAIN = " It starts again <t:1781568000:R>."
NAMED = [
    (person_scope(500, "ab"), "", "your limit"),
    (member_scope(500, "p", "ab"), "Team *Blue*", "your part of Team \\*Blue\\*"),
    (scope(ScopeKind.POOL, 500, "p"), "Team Blue", "the limit of Team Blue"),
    (scope(ScopeKind.CHANNEL, 500, 600), "", "the limit of <#600>"),
    (server_scope(500), "", "this server's limit"),
    (OPERATOR, "", "this bot's limit"),
    (server_scope(None), "", "the limit of all places outside servers"),
]


@pytest.mark.parametrize(("subject", "name", "whose"), NAMED)
@pytest.mark.parametrize("kind", PeriodKind)
@pytest.mark.parametrize("shortage", Shortage)
def test_every_limit_is_told_by_whose_it_is_and_what_would_help(
    subject: Scope, name: str, whose: str, kind: PeriodKind, shortage: Shortage
) -> None:
    problem = OverLimit(
        scope=subject,
        name=name,
        period=kind,
        shortage=shortage,
        needed=Money(160_000),
        limit=Money(100_000),
        used=Money(50_000),
        held=Money(40_000),
        resets_at=None if kind is PeriodKind.TOTAL else NEXT,
    )
    limit = f"{whose} of $0.10 {words.EVERY[kind]}"
    again = "" if kind is PeriodKind.TOTAL else AGAIN
    sentences = {
        Shortage.USED_UP: f"This needs $0.16 and {limit} has $0.01 left.{again}",
        Shortage.TIED_UP: f"This needs $0.16 and {limit} has $0.01 left, because $0.04 is tied up "
        "in running orders. Waiting for them may help.",
        Shortage.TOO_LARGE: f"This needs $0.16, more than {limit}, which has $0.01 left. Waiting "
        "does not help; a smaller order may.",
    }
    assert refusals.explain(problem) == sentences[shortage]
    assert "$" not in refusals.explain(problem, outside=True)


@pytest.mark.parametrize(
    ("limit", "resets_at", "helps"),
    [
        (Money(100_000), NEXT, "A smaller order may fit when it starts again <t:1781568000:R>."),
        (Money(100_000), None, "Waiting does not help."),
        (Money(0), NEXT, "Waiting does not help."),
    ],
)
def test_where_nothing_is_left_no_smaller_order_is_advised_yet(
    limit: Money, resets_at: datetime | None, helps: str
) -> None:
    problem = OverLimit(
        scope=server_scope(500),
        period=PeriodKind.TOTAL if resets_at is None else PeriodKind.DAY,
        shortage=Shortage.TOO_LARGE,
        needed=Money(160_000),
        limit=limit,
        used=limit,
        held=Money(0),
        resets_at=resets_at,
    )
    assert refusals.explain(problem).endswith(f", which has $0.00 left. {helps}")
    alone = refusals.explain(problem, single=True)
    assert alone.endswith(", which has $0.00 left. Waiting does not help.")


@pytest.mark.parametrize(
    ("subject", "what", "who"),
    [
        (person_scope(500, "ab"), "You may not order pictures here", "manager of this server"),
        (members_scope(500), "You may not order pictures here", "manager of this server"),
        (scope(ScopeKind.ROLE, 500, 9), "People with <@&9>", "manager of this server"),
        (scope(ScopeKind.CAP, 500, "p"), "Your part of Blue \\*", "manager of this server"),
        (scope(ScopeKind.POOL, 500, "p"), "switched off for Blue \\*", "manager of this server"),
        (scope(ScopeKind.CHANNEL, 500, 600), "switched off in <#600>", "manager of this server"),
        (server_scope(500), "switched off in this server", "manager of it"),
        (server_scope(None), "anywhere else", "switched off for this bot"),
        (OPERATOR, "switched off for now", "bot's operator"),
    ],
)
def test_every_block_tells_who_can_lift_it(subject: Scope, what: str, who: str) -> None:
    told = refusals.explain(Blocked(subject, "Blue *"))
    assert what in told
    assert who in told


async def test_a_team_at_its_limit_is_named(world: World) -> None:
    await in_team(world, pool=Money(30_000))
    order = await world.ben.slash("imagine", prompt="a fox")

    assert "more than the limit of Team Blue of $0.03 a day" in await refused(world, order)


async def test_a_part_of_a_team_is_named(world: World) -> None:
    await in_team(world, cap=Money(30_000))
    order = await world.ben.slash("imagine", prompt="a fox")

    assert "more than your part of Team Blue of $0.03 a day" in await refused(world, order)


async def test_a_channel_at_its_limit_is_named(world: World) -> None:
    channel = scope(ScopeKind.CHANNEL, world.server_id, world.discord.home.id)
    await world.store.set_limit(channel, PeriodKind.WEEK, Money(30_000), 1)
    order = await world.ben.slash("imagine", prompt="a fox")

    text = await refused(world, order)
    assert f"more than the limit of <#{world.discord.home.id}> of $0.03 a week" in text
    assert "Waiting does not help.\n" in text  # there is nothing smaller than one picture


async def in_team(world: World, *, pool: Money | None = None, cap: Money | None = None) -> None:
    """Put Ben into a team with these limits of a day."""
    team = await world.store.create_pool(world.server_id, "Team Blue", 1)
    await world.store.join_pool(world.server_id, team, int(world.ben.id), 1)
    for kind, amount in ((ScopeKind.POOL, pool), (ScopeKind.CAP, cap)):
        subject = scope(kind, world.server_id, team)
        await world.store.set_limit(subject, PeriodKind.DAY, amount or Rule.UNLIMITED, 1)


async def test_two_limits_at_once_name_the_tighter_one(world: World) -> None:
    await world.budget(scope="this server", amount="0.03")
    order = await world.ben.slash("imagine", prompt="a fox")

    assert "this server's limit of $0.03 a day" in await refused(world, order)


async def test_a_person_of_an_unknown_language_reads_english(world: World) -> None:
    person: Person = world.discord.add_person("zoe", locale="tlh")
    order = await person.slash("imagine", prompt=" ")

    assert (await refused(world, order)).startswith("`prompt` is empty")


async def test_the_same_event_twice_is_one_order(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a fox")
    world.discord.world.tell("interaction", order)
    await world.ended(order)

    assert world.omixa.calls == 1
    receipts = await world.store.receipts(int(world.ann.id), None)
    assert [receipt.charged for receipt in receipts] == [Money(39_000)]


async def test_an_acknowledgement_that_failed_after_arriving_is_one(world: World) -> None:
    world.discord.faults.fail("POST", "/interactions/*", status=502, applied=True)
    order = await world.ann.slash("imagine", prompt="a fox")

    assert "Done: 1 picture" in await world.ended(order)
    assert world.omixa.calls == 1


async def test_an_acknowledgement_that_came_too_late_holds_nothing(world: World) -> None:
    async with world.discord.faults.held("POST", "/interactions/*") as arrived:
        asking = world.discord.tasks.spawn("ask", _ask(world))
        await arrived.wait()
        world.clock.advance(5)
        await asking
    await world.ann.autocomplete("imagine", focused="model")

    assert world.omixa.calls == 0
    assert await world.store.receipts(int(world.ann.id), None) == []
    world.discord.answers.everything.clear()  # one of them was late on purpose


async def _ask(world: World) -> None:
    interaction = await world.ann.slash("imagine", prompt="a fox")
    assert interaction.failed
