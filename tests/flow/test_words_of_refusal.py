"""Bad input is refused in one sentence that names the option and what is accepted."""

import pytest

from bot.core.money import Money
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
    assert (await world.answered(larger)).text == (
        "This needs $0.08, more than your limit of $0.05 a day. A smaller order may fit."
    )


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("each person", "You may not order pictures here. A manager of this server can change"),
        ("this server", "Pictures are switched off in this server. A manager can change that."),
    ],
)
async def test_the_blocked_read_who_can_change_it(world: World, scope: str, words: str) -> None:
    await world.budget(scope=scope, amount="blocked")
    order = await world.ben.slash("imagine", prompt="a fox")

    assert (await refused(world, order)).startswith(words)


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
