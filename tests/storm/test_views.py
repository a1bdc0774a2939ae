"""What people read about their money is what the ledger says."""

from tests.storm.views import looks


async def test_i18_every_figure_in_quota_is_the_ledgers() -> None:
    counts = await looks(300, seed=7)

    assert counts["views"] == 300
    assert counts["limits"] > 1_000
    assert counts["receipts"] > 100
