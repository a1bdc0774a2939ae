import asyncio
import random

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.clock import Clock
from sandbox.omixa import Omixa, faults
from sandbox.omixa.answer import bill_micros
from sandbox.omixa.log import BYTES_MAX, RECORDS_MAX, Log, Record
from sandbox.omixa.models import dollars
from sandbox.omixa.wallet import Empty, Wallet
from tests.sandbox.omixa.conftest import Caller

FAULTS = [
    faults.NONE,
    faults.NONE,
    faults.status(503),
    faults.status(504, shape="html", taken=True),
    faults.reset_after_success(),
    faults.cut(at_byte=500),
    faults.fewer(1),
    faults.more(1),
    faults.nothing(),
    faults.text_only(),
    faults.billed('"0.300000"'),
    faults.billed(faults.MISSING),
    faults.filtered("prompt"),
    faults.filtered("empty"),
    faults.garbage("?"),
]


@pytest.mark.parametrize("seed", range(4))
async def test_fifty_calls_at_once_and_every_failure_keep_the_books(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a repeatable storm, not a secret
    async with (
        Omixa.running(balance_micros=2_000_000) as omixa,
        httpx.AsyncClient(timeout=60) as http,
    ):
        caller = Caller(omixa, http)
        omixa.script(dice.choices(FAULTS, k=50))
        calls = (caller.paint(n=dice.randint(1, 2), output_format="jpeg") for _ in range(50))
        await asyncio.gather(*calls, return_exceptions=True)
        assert len(omixa.requests) == 50
        assert omixa.wallet.held_micros == 0
        assert omixa.wallet.captured_micros == sum(call.billed_micros for call in omixa.requests)
        assert omixa.wallet.captured_micros > 0
        assert omixa.wallet.conserved()


async def test_a_wallet_is_never_spent_twice() -> None:
    async with (
        Omixa.running(balance_micros=100_000) as omixa,
        httpx.AsyncClient(timeout=60) as http,
    ):
        omixa.always(faults.slow(headers_s=0.1))
        answers = await asyncio.gather(*(Caller(omixa, http).paint() for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [200] * 2 + [402] * 8
        assert omixa.wallet.balance_micros == 22_000


@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 90), st.booleans(), st.booleans()),
        max_size=30,
    )
)
def test_nothing_appears_or_vanishes(calls: list[tuple[int, int, bool, bool]]) -> None:
    wallet = Wallet()
    wallet.top_up(500)
    for held, captured, captures, fails in calls:
        before = wallet.captured_micros
        try:
            with wallet.hold(held) as hold:
                assert wallet.conserved()
                assert wallet.held_micros == held
                if captures:
                    hold.capture(captured)
                if fails:
                    fail()
        except Empty:
            assert wallet.balance_micros < held
            assert wallet.captured_micros == before
            continue
        except RuntimeError:
            pass
        assert wallet.captured_micros == before + (captured if captures else 0)
        assert wallet.held_micros == 0
        assert wallet.conserved()


def fail() -> None:
    raise RuntimeError


def test_conservation_can_be_seen_broken() -> None:
    wallet = Wallet()
    wallet.top_up(5)
    wallet.balance_micros -= 1
    assert not wallet.conserved()


@given(st.integers(0, 1_000_000_000))
def test_a_printed_bill_is_read_back_to_the_micro(micros: int) -> None:
    assert bill_micros(f'"{dollars(micros)}"', -1) == micros


def test_the_log_is_bounded_by_number_and_by_weight() -> None:
    log = Log()
    records = [_record(str(number)) for number in range(RECORDS_MAX + 2)]
    for record in records:
        log.add(record)
    assert log.records == records[2:]
    log.weigh(records[5], BYTES_MAX)
    log.weigh(records[6], 1)
    assert log.records == records[6:]


def _record(name: str) -> Record:
    return Record(id=name, at=Clock().now(), headers={}, fault=faults.NONE)
