"""Faults and wallet over HTTP, for a page or another process."""

from typing import Any

from aiohttp import web

from sandbox.omixa.faults import MENU, NONE
from sandbox.omixa.models import dollars
from sandbox.omixa.reply import Refusal, refusal
from sandbox.omixa.state import State


def show_faults(state: State) -> dict[str, Any]:
    """List the faults by name, and those that are armed."""
    return {
        "faults": [{"name": name, "label": label} for name, (label, _) in MENU.items()],
        "next": [fault.name for fault in state.script.queue],
        "always": state.script.standing.name or None,
    }


async def arm_faults(state: State, request: web.Request) -> dict[str, Any]:
    """Read `{"next": [names], "always": name or null}` and arm those; both keys are optional."""
    try:
        wanted = await request.json()
        queue = [MENU[name][1] for name in wanted.get("next", [])]
        name = wanted.get("always")
        standing = NONE if name is None else MENU[name][1]
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise Refusal(refusal(422, "next and always take names from the list.")) from error
    if "next" in wanted:
        state.script.queue = queue
    if "always" in wanted:
        state.script.standing = standing
    return show_faults(state)


def show_wallet(state: State) -> dict[str, Any]:
    """Show the wallet and what went through it."""
    wallet = state.wallet
    return {
        "balance": dollars(wallet.balance_micros),
        "held": dollars(wallet.held_micros),
        "captured": dollars(wallet.captured_micros),
        "topped_up": dollars(wallet.topped_up_micros),
        "conserved": wallet.conserved(),
        "calls": state.calls,
    }
