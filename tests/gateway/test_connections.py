"""A gateway that closes idle connections never makes a paid call look lost."""

from tests.storm.connections import bought


async def test_no_call_meets_a_connection_that_is_about_to_be_closed() -> None:
    found = await bought(120)
    assert found.ends == {"painted": 120}
    assert found.alone == 120
