"""What people read about their money is what the ledger says."""

from tests.storm.views import looks


async def test_i18_every_figure_in_quota_is_the_ledgers() -> None:
    counts = await looks(120, seed=7)

    assert counts["views"] == 120
    assert counts["limits"] > 400
    assert counts["receipts"] > 40
