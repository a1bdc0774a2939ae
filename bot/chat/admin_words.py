"""Sentences for the bot's operator."""

from bot.chat import phrases
from bot.core.money import Money
from bot.core.states import CallState
from bot.store.jobs import OpenCall
from bot.store.reconciling import Finding, Reconciled

OPERATOR_ONLY = (
    "This is for the bot's operator: the owner of its Discord application, or their team."
)
NO_CALL = "I know no such `call`. `/admin jobs` lists those that are open."
AMOUNT_MISSING = (
    "Please give the `amount` that the image service billed, in dollars like `0.04` or `$0.039`."
)
AMOUNT_UNEXPECTED = "`amount` goes with the outcome `it was billed` only."


def far_above(billed: Money, hold: Money) -> str:
    """Ask for a reason where a bill looks like a slip of the finger."""
    return (
        f"{billed} is far above the {hold} that was held for this call, so nothing was booked. If "
        "it is right, say it again with a `reason`."
    )


_STATES = {
    CallState.HELD: "waiting, ordered",
    CallState.SENT: "being painted, sent",
    CallState.UNKNOWN: "no answer, lost",
}


def open_call(call: OpenCall) -> str:
    """Tell of one open call in a line."""
    whose = "somebody who was erased" if call.discord_id is None else f"<@{call.discord_id}>"
    facts = [
        f"`{call.call}`",
        f"{_STATES[call.state]} {phrases.relative(call.since)}",
        f"{call.hold} held",
        f"{whose} in <#{call.place.channel_id}>",
        call.model,
    ]
    said = f" · {phrases.quote(call.detail, 80)}" if call.detail else ""
    return " · ".join(facts) + said


def call_choice(call: OpenCall) -> str:
    """Name a call in a list."""
    return phrases.cut(f"{call.call} · {call.hold} held · {call.model}", 100)


def resolved(call: str, done: Reconciled) -> str:
    """Tell what the books say now."""
    what = {
        Finding.SETTLED: f"booked as billed {done.after}; the operator pays it, the person nothing",
        Finding.RELEASED: "booked as not billed; what was held is free again",
        Finding.ADJUSTED: f"was booked with {done.before} and now stands at {done.after}; the "
        "operator pays the difference",
        Finding.AGREED: f"was booked with {done.before} already; nothing changed",
        Finding.NOT_OVER: "still runs or was never sent, so there is nothing to resolve",
    }[done.finding]
    exposed = ""
    if done.exposed and done.finding is Finding.ADJUSTED:
        exposed = f" The {done.exposed} it might have cost is taken off the operator's risk."
    over = done.finding is not Finding.NOT_OVER
    again = " To correct it, resolve it again with another amount." if over else ""
    return f"`{call}` {what}.{exposed}{again}"
