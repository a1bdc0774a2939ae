"""Panels: ephemeral overviews, as components that read well on a phone."""

from collections.abc import Iterable, Sequence

from discord import ui

from bot.chat import words
from bot.core.limits import OWN, Allowance, Rule
from bot.core.money import Money
from bot.store.views import Progress, Receipt

_BAR_CELLS = 10


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
    lines = [_receipt(each, hidden=of is not None and each.private) for each in receipts]
    return panel(
        f"Allowance of {of}" if of else "Your allowance",
        [
            [line for each in own for line in _own(each, details=details)]
            or [words.NO_OWN_LIMIT_OF if of else words.NO_OWN_LIMIT],
            ["**Shared with others**", *_shared_lines(shared, details=details)],
            [f"**{'Last' if of else 'Your last'} orders**", *lines]
            if lines
            else [words.NO_ORDERS if of else words.NO_ORDERS_OF_YOURS],
        ],
    )


def _own(each: Allowance, *, details: bool) -> list[str]:
    return [*allowance_lines(each), *([words.source(each)] if details else [])]


def _shared_lines(shared: Sequence[Allowance], *, details: bool) -> list[str]:
    if not details:
        return [_shared(each) for each in shared]
    return [
        line for each in shared for line in (f"__{words.shared(each)}__", *allowance_lines(each))
    ]


def allowance_lines(each: Allowance) -> list[str]:
    """Show one limit with what is left of it, its bar and when it starts again."""
    if each.limit is Rule.BLOCKED:
        return ["**Blocked**: no pictures can be ordered."]
    when = words.THIS[each.period.kind]
    ends_at = each.period.ends_at
    resets = f" · resets {words.relative(ends_at)}" if ends_at else ""
    spent = f"{each.used} used · {each.held} held"
    if each.left is None:
        return [f"**No limit** {when}", f"{spent}{resets}"]
    return [f"**{each.left} left** of {each.limit} {when}", f"{_bar(each)} {spent}{resets}"]


def _shared(each: Allowance) -> str:
    who = words.shared(each)
    when = words.THIS[each.period.kind]
    if each.limit is Rule.BLOCKED:
        return f"{who}: blocked"
    left = "no limit" if each.left is None else f"{each.left} left of {each.limit}"
    return f"{who}, {when}: {left}"


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


def _receipt(each: Receipt, *, hidden: bool) -> str:
    what = words.pictures(each.pictures) if each.pictures else _NO_PICTURE[each.state]
    held = f", {each.held} held" if each.held else ""
    prompt = words.PRIVATE if hidden else words.quote(each.prompt, 40)
    return f"`{each.job}` · {words.relative(each.at)} · {what} · {each.charged}{held} · {prompt}"
