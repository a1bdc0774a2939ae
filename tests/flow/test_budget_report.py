"""/budget report: managers, and they alone, get the text, the chart and the entries."""

from tests.flow.managing import GONE, MANAGERS_ONLY, answered, paint, told_to
from tests.flow.world import World

DRAWING = "Adding up and drawing; this takes some seconds."


async def test_a_report_comes_with_its_files_for_one_pair_of_eyes(world: World) -> None:
    await paint(world.ben)
    answer = await world.ann.slash("budget report", period="this week")
    await answered(world, answer)
    message = await world.ann.waits_for(
        lambda one: one is answer.original and one.text not in {"", DRAWING}, within_s=90
    )

    assert message.text.startswith("**$0.039** spent this week")
    assert world.ben.mention in message.text
    assert [one.filename.rpartition(".")[2] for one in message.files] == ["png", "csv"]
    assert message.mentions == []
    assert not [one for one in world.ben.messages() if "report" in str(one.files)]


async def test_nothing_spent_is_a_sentence(world: World) -> None:
    answer = await world.ann.slash("budget report")
    message = await world.ann.waits_for(
        lambda one: one is answer.original and "Nothing was spent this month" in one.text
    )

    assert message.files == []


async def test_others_and_tampered_periods_are_refused(world: World) -> None:
    assert await told_to(world, world.ben, "budget report") == MANAGERS_ONLY
    assert await told_to(world, world.ann, "budget report", period="for ever") == GONE
