"""The page's side panel: the gateway's wallet, a person's limits, and faults to try."""

from datetime import datetime
from typing import Any

from bot.chat import words
from bot.core.limits import Allowance, ScopeKind
from bot.core.money import Money
from bot.store.store import Store
from bot.store.views import Progress, Receipt
from sandbox.discord.state import Channel
from sandbox.omixa import Omixa
from sandbox.omixa.faults import MENU
from sandbox.people import Person

_WHOSE = {
    ScopeKind.PERSON: "You",
    ScopeKind.SERVER: "This server",
    ScopeKind.OPERATOR: "The whole bot",
}


class Panel:
    """Shows both sides of the money: what the gateway billed and what Easel booked."""

    def __init__(self, omixa: Omixa, store: Store) -> None:
        self._omixa = omixa
        self._store = store

    async def show(self, person: Person, channel: Channel) -> dict[str, Any]:
        """Write the panel for one person in one channel."""
        server_id = int(channel.server.id) if channel.server else None
        allowances = await self._store.allowances(server_id, int(person.id))
        receipts = await self._store.receipts(int(person.id), None)
        queue = self._omixa.faults.queue
        return {
            "wallet": self._wallet(),
            "quota": [_quota(each) for each in allowances],
            "receipts": [_receipt(each) for each in receipts],
            "faults": [{"name": name, "label": label} for name, (label, _) in MENU.items()],
            "fault": queue[0].name if queue else None,
        }

    async def arm(self, fault: str | None) -> None:
        """Arm a fault for the gateway's next call; None disarms."""
        self._omixa.script([MENU[fault][1]] if fault else [])

    def _wallet(self) -> dict[str, Any]:
        wallet = self._omixa.wallet
        return {
            "balance": str(Money(wallet.balance_micros)),
            "held": str(Money(wallet.held_micros)),
            "spent": str(Money(wallet.captured_micros)),
            "calls": self._omixa.calls,
        }


def _quota(each: Allowance) -> dict[str, Any]:
    left = each.left
    spent = (each.used + each.held).micros
    match each.limit:
        case Money(micros=micros) as limit:
            of, share = str(limit), min(1.0, spent / micros) if micros else 1.0
        case rule:
            of, share = rule.value, 0.0
    return {
        "label": f"{_WHOSE[each.scope.kind]}, {words.THIS[each.period.kind]}",
        "left": "no limit" if left is None else str(left),
        "of": of,
        "used_share": share,
        "held": str(each.held),
        "resets_at": _iso(each.period.ends_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _receipt(each: Receipt) -> dict[str, Any]:
    held = each.state in {Progress.RUNNING, Progress.UNKNOWN}
    return {
        "id": each.job,
        "text": words.cut(each.prompt, 60),
        "state": each.state.value,
        "amount": f"{each.held} held" if held else str(each.charged),
    }
