"""Panels: ephemeral overviews, as components that read well on a phone."""

from collections.abc import Iterable, Sequence

from discord import ui

from bot.chat import words
from bot.core.limits import DIRECT, OWN, Allowance, Rule, ScopeKind
from bot.core.money import Money
from bot.store.views import Receipt, ServerLimits

_OWN_SHOWN = 20  # a panel has 4,000 letters
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


def quota(allowances: Sequence[Allowance], receipts: Sequence[Receipt]) -> ui.LayoutView:
    """Show what a person has left here, and their last receipts."""
    own = [each for each in allowances if each.scope.kind in OWN]
    shared = [each for each in allowances if each.scope.kind not in OWN]
    return panel(
        "Your allowance",
        [
            [line for each in own for line in _allowance(each)],
            ["**Shared with everybody**", *map(_shared, shared)],
            ["**Your last orders**", *map(_receipt, receipts)]
            if receipts
            else ["You have not ordered anything yet. Try `/imagine`."],
        ],
    )


def budget(limits: ServerLimits) -> ui.LayoutView:
    """Show a manager the server's limits and what was spent under them."""
    each = ", ".join(words.limit_text(limit, kind) for kind, limit in limits.members)
    own = [
        f"<@{rule.discord_id}>: {words.limit_text(rule.limit, rule.kind)}"
        for rule in limits.rules
        if rule.scope.kind is ScopeKind.PERSON and rule.discord_id is not None
    ]
    whole = [now for now in limits.shared if now.scope.kind is ScopeKind.SERVER]
    spenders = [
        f"<@{spender.discord_id}>: {spender.used} used, {spender.held} held"
        for spender in limits.spenders
        if spender.discord_id is not None
    ]
    return panel(
        "Budgets of this server",
        [
            [
                "**The whole server**",
                *(line for now in whole for line in _allowance(now)),
            ],
            [f"**Each person**: {each}", *own[:_OWN_SHOWN], *words.more(len(own) - _OWN_SHOWN)],
            ["**Who spent most this month**", *spenders]
            if spenders
            else ["Nobody has spent anything this month."],
        ],
    )


def _allowance(each: Allowance) -> list[str]:
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
    outside = each.scope.server == DIRECT
    who = words.OUTSIDE if outside else words.shared(each)
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


def _receipt(each: Receipt) -> str:
    what = words.pictures(each.pictures) if each.pictures else "no picture"
    held = f", {each.held} held" if each.held else ""
    prompt = words.quote(each.prompt, 40)
    return f"`{each.job}` · {words.relative(each.at)} · {what} · {each.charged}{held} · {prompt}"
