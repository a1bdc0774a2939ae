"""A few kills of the real process under load; the storm has hundreds."""

from tests.storm.kills import storm


async def test_killed_under_load_nothing_is_lost_and_nothing_billed_or_shown_twice() -> None:
    counts = await storm(5, each=3, seed=20, lanes=2)

    assert counts["kills"] == 5
    assert counts["jobs"] > 5
