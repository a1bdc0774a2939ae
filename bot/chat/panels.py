"""Panels: ephemeral overviews, as components that read well on a phone."""

from collections import Counter
from collections.abc import Iterable, Sequence

from discord import ui

from bot.chat import admin_words, phrases, refusals, words
from bot.core.catalogue import Catalogue
from bot.core.job import Call, Job, jump_url
from bot.core.limits import DIRECT, OWN, Allowance, Rule
from bot.core.money import Money, total
from bot.core.states import CallState, PictureState
from bot.store.jobs import OpenCall
from bot.store.views import Progress, Receipt

_BAR_CELLS = 10
_PROMPT_SHOWN = 900
_LINKS_SHOWN = 10
_CALLS_SHOWN = 15


def panel(title: str, sections: Iterable[Sequence[str]]) -> ui.LayoutView:
    """Put sections of lines under a title, with a rule between them."""
    box: ui.Container[ui.LayoutView] = ui.Container(ui.TextDisplay(f"## {title}"))
    for lines in sections:
        if lines:
            box.add_item(ui.Separator())
            box.add_item(ui.TextDisplay("\n".join(lines)))
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    return view


def listed(head: str, lines: Sequence[str], shown: int) -> list[str]:
    """Put a list under its head, as much of it as is `shown`; an empty list has no head either."""
    return [head, *lines[:shown], *phrases.more(len(lines) - shown)] if lines else []


def quota(
    allowances: Sequence[Allowance],
    receipts: Sequence[Receipt],
    *,
    of: str | None = None,
    details: bool = False,
) -> ui.LayoutView:
    """Show what a person has left here, and their last receipts.

    With `details` it says where each limit was set and shows the shared ones as whole as theirs.
    A manager who looks at the usage `of` somebody does not read what was ordered privately.
    """
    own = [each for each in allowances if each.scope.kind in OWN]
    shared = [each for each in allowances if each.scope.kind not in OWN]
    lines = [_order(each, hidden=of is not None and each.private) for each in receipts]
    if any(each.scope.server == DIRECT and each.limit is Rule.BLOCKED for each in shared):
        left = [refusals.BLOCKED_OUTSIDE]
    else:
        left = [line for each in own for line in _own(each, details=details)]
    return panel(
        f"Allowance of {of}" if of else "Your allowance",
        [
            left or [words.NO_OWN_LIMIT_OF if of else words.NO_OWN_LIMIT],
            [
                "**Shared with others**",
                *(line for each in shared for line in _shared(each, details=details)),
            ],
            [f"**{'Last' if of else 'Your last'} orders**", *lines]
            if lines
            else [words.NO_ORDERS if of else words.NO_ORDERS_OF_YOURS],
        ],
    )


def _own(each: Allowance, *, details: bool) -> list[str]:
    return [*allowance_lines(each), *([words.source(each)] if details else [])]


def allowance_lines(each: Allowance) -> list[str]:
    """Show one limit with what is left of it, its bar and when it starts again."""
    if each.limit is Rule.BLOCKED:
        return ["**Blocked**: no pictures can be ordered."]
    when = words.THIS[each.period.kind]
    ends_at = each.period.ends_at
    resets = f" · resets {phrases.relative(ends_at)}" if ends_at else ""
    spent = f"{each.used} used · {each.held} held"
    if each.left is None:
        return [f"**No limit** {when}", f"{spent}{resets}"]
    return [f"**{each.left} left** of {each.limit} {when}", f"{_bar(each)} {spent}{resets}"]


def _shared(each: Allowance, *, details: bool) -> list[str]:
    who = words.shared(each)
    if details:
        return [f"__{who}__", *allowance_lines(each)]
    if each.limit is Rule.BLOCKED:
        return [f"{who}: blocked"]
    left = "no limit" if each.left is None else f"{each.left} left of {each.limit}"
    return [f"{who}, {words.THIS[each.period.kind]}: {left}"]


def _bar(each: Allowance) -> str:
    limit = each.limit.micros if isinstance(each.limit, Money) else 0
    spent = (each.used + each.held).micros
    cells = min(_BAR_CELLS, -(-spent * _BAR_CELLS // limit)) if limit else _BAR_CELLS
    return "▰" * cells + "▱" * (_BAR_CELLS - cells)


_NO_PICTURE = {
    Progress.RUNNING: "running",
    Progress.UNKNOWN: "no answer yet",
    Progress.DONE: "no picture",
    Progress.FAILED: "no picture",
}


def _order(each: Receipt, *, hidden: bool) -> str:
    what = phrases.pictures(each.pictures) if each.pictures else _NO_PICTURE[each.state]
    held = f", {each.held} held" if each.held else ""
    prompt = words.PRIVATE if hidden else phrases.quote(each.prompt, 40)
    return f"`{each.job}` · {phrases.relative(each.at)} · {what} · {each.charged}{held} · {prompt}"


def receipt(job: Job, catalogue: Catalogue, *, hidden: bool = False) -> ui.LayoutView:
    """Show a job to its person, or to who manages their money.

    `hidden` leaves the prompt out: what was ordered privately is nobody else's to read.
    """
    order, model = job.order, catalogue.by_id.get(job.order.model)
    facts = [model.label if model else order.model, phrases.pictures(order.count)]
    facts += [each for each in (order.aspect, order.size, order.format) if each]
    return panel(
        f"Receipt {job.id}",
        [
            [
                words.PRIVATE if hidden else phrases.quote(order.prompt, _PROMPT_SHOWN),
                " · ".join([*facts, f"{job.unit_price} each at most"]),
                f"Ordered {phrases.relative(job.created_at)}",
            ],
            [f"**{phrases.capital(words.money_of(job))}**"],
            [f"**Calls to the image service** ({len(job.calls)})", *map(_call, job.calls)],
            [_arrived(job), *([] if order.private else _links(job))],
        ],
    )


_STATES = {
    CallState.HELD: "waiting, {hold} held",
    CallState.SENT: "being painted, {hold} held",
    CallState.UNKNOWN: "no answer yet, {hold} held",
    CallState.SETTLED: "charged {charged}",
    CallState.RELEASED: "nothing charged, {hold} returned",
}


def _call(call: Call) -> str:
    _, _, number = call.id.partition(".")
    told = _STATES[call.state].format(hold=call.hold, charged=call.charged)
    why = "" if call.failure is None else f" · {words.reason(call.failure)}"
    return f"{number}. {phrases.pictures(call.images)}: {told}{why}"


_ARRIVED = {
    PictureState.DELIVERED: "delivered",
    PictureState.SPOOLED: "waiting to be delivered",
    PictureState.REFUNDED: "paid back",
}


def _arrived(job: Job) -> str:
    if not job.pictures:
        return "No picture yet." if job.held else "No picture came."
    counts = Counter(picture.state for picture in job.pictures)
    told = [f"{counts[state]} {word}" for state, word in _ARRIVED.items() if counts[state]]
    return f"**Pictures**: {phrases.listed(told)}"


def _links(job: Job) -> list[str]:
    """Lead to every message that carries pictures."""
    server = job.place.server_id
    links = (jump_url(server, each.channel_id, each.message_id) for each in job.pictures)
    return list(dict.fromkeys(filter(None, links)))[:_LINKS_SHOWN]


def open_calls(calls: Sequence[OpenCall]) -> ui.LayoutView:
    """Show the operator every call whose hold still counts.

    Calls without an answer come first: only those wait for somebody.
    """
    unknown = [admin_words.open_call(each) for each in calls if each.state is CallState.UNKNOWN]
    running = [admin_words.open_call(each) for each in calls if each.state is not CallState.UNKNOWN]
    held = total(each.hold for each in calls)
    return panel(
        "Open calls",
        [
            [f"{len(running)} running, {len(unknown)} without an answer, {held} held in all."],
            listed("**Without an answer**: `/admin resolve`", unknown, _CALLS_SHOWN),
            listed("**Running**", running, _CALLS_SHOWN),
        ],
    )
