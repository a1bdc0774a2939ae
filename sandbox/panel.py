"""The page's side panel: the gateway's wallet, the ledger, a person's limits, and faults to try."""

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.chat import phrases, words
from bot.core.job import Payer, Place
from bot.core.limits import DIRECT, Allowance, Rule, ScopeKind
from bot.core.money import Money
from bot.store.store import Store
from bot.store.views import Progress, Receipt
from sandbox.discord.state import Channel
from sandbox.omixa import Omixa
from sandbox.omixa.faults import MENU, NONE, Fault
from sandbox.people import Person

_WHOSE = {
    ScopeKind.PERSON: "You",
    ScopeKind.MEMBER: "You in {}",
    ScopeKind.POOL: "All of {}",
    ScopeKind.CHANNEL: "This channel",
    ScopeKind.SERVER: "This server",
    ScopeKind.OPERATOR: "The whole bot",
}
_BOOKED = """
    SELECT coalesce(sum(person_micros), 0), coalesce(sum(operator_micros), 0),
    (SELECT coalesce(sum(hold), 0) FROM call WHERE resolved_at IS NULL) FROM entry
"""


class Panel:
    """Shows both sides of the money: what the gateway billed and what Easel booked."""

    def __init__(self, omixa: Omixa, store: Store, database: Path) -> None:
        self._omixa = omixa
        self._store = store
        self._database = database

    async def show(self, person: Person, channel: Channel) -> dict[str, Any]:
        """Write the panel for one person in one channel."""
        allowances = await self._store.allowances(_place(channel), _payer(person, channel))
        receipts = await self._store.receipts(int(person.id), None)
        faults = self._omixa.faults
        return {
            "wallet": self._wallet(),
            "ledger": self._ledger(),
            "quota": [_quota(each) for each in allowances],
            "receipts": [_receipt(each) for each in receipts],
            "faults": [{"name": name, "label": label} for name, (label, _) in MENU.items()],
            "fault": _name(faults.queue[0] if faults.queue else faults.standing),
            "lasting": not faults.queue and faults.standing != NONE,
        }

    async def arm(self, name: str | None, *, lasting: bool) -> None:
        """Arm a fault for the gateway's next call, or for all that come; None disarms."""
        fault = MENU[name][1] if name else NONE
        self._omixa.script([] if lasting or not name else [fault])
        self._omixa.always(fault if lasting else NONE)

    def _wallet(self) -> dict[str, Any]:
        wallet = self._omixa.wallet
        return {
            "balance": str(Money(wallet.balance_micros)),
            "held": str(Money(wallet.held_micros)),
            "spent": str(Money(wallet.captured_micros)),
            "calls": self._omixa.calls,
        }

    def _ledger(self) -> dict[str, Any]:
        """Read the bot's own books, beside the bot, and hold them against the gateway's bill."""
        with sqlite3.connect(f"file:{self._database}?mode=ro", uri=True) as books:
            people, operator, held = map(Money, books.execute(_BOOKED).fetchone())
        books.close()
        return {
            "people": str(people),
            "operator": str(operator),
            "held": str(held),
            "unbooked": _difference(Money(self._omixa.wallet.captured_micros), people + operator),
        }


def _difference(billed: Money, booked: Money) -> str | None:
    if billed == booked:
        return None
    return f"{billed - booked} more" if billed > booked else f"{booked - billed} less"


def _place(channel: Channel) -> Place:
    server = channel.server if channel.server and channel.server.has_bot else None
    return Place(server_id=int(server.id) if server else None, channel_id=int(channel.id))


def _payer(person: Person, channel: Channel) -> Payer:
    member = channel.server.members.get(person.id) if channel.server else None
    return Payer(int(person.id), tuple(int(role.id) for role in member.roles) if member else ())


def _name(fault: Fault) -> str | None:
    return next((name for name, (_, known) in MENU.items() if known == fault), None)


def _quota(each: Allowance) -> dict[str, Any]:
    outside = each.scope.kind is ScopeKind.SERVER and each.scope.server == DIRECT
    whose = "Outside servers" if outside else _WHOSE[each.scope.kind].format(each.name)
    return {
        "label": f"{whose}, {words.THIS[each.period.kind]}",
        **_left(each),
        "held": str(each.held),
        "resets_at": _iso(each.period.ends_at),
    }


def _left(each: Allowance) -> dict[str, Any]:
    match each.limit:
        case Rule.BLOCKED:
            return {"left": "blocked", "of": None, "used_share": 1.0}
        case Rule.UNLIMITED:
            return {"left": "no limit", "of": None, "used_share": 0.0}
        case Money() as limit:
            spent = (each.used + each.held).micros
            share = min(1.0, spent / limit.micros) if limit.micros else 1.0
            return {"left": str(each.left), "of": str(limit), "used_share": share}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _receipt(each: Receipt) -> dict[str, Any]:
    held = each.state in {Progress.RUNNING, Progress.UNKNOWN}
    return {
        "id": each.job,
        "text": phrases.cut(each.prompt, 60),
        "state": each.state.value,
        "amount": f"{each.held} held" if held else str(each.charged),
    }
