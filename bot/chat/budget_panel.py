"""The managers' panel: every limit of a server and what is left of it, on one phone screen."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from discord import ui

from bot.chat import budget_words, phrases
from bot.chat.panels import allowance_lines, listed, panel
from bot.core.limits import Allowance, Limit, PeriodKind, ScopeKind
from bot.store.rules import Pool
from bot.store.servers import ServerRow
from bot.store.views import ServerLimits

_TITLE = "Budgets of this server"
_LETTERS_MAX = 3_900  # a message of panels has 4,000
_SHOWN_MAX = 12

_Kinds = list[tuple[PeriodKind, Limit]]


@dataclass(frozen=True, slots=True)
class Page:
    """What the panel shows: a server's limits and choices, of one moment.

    `there` holds the ids of its roles and channels; rules for others hold for nobody.
    """

    limits: ServerLimits
    choices: ServerRow
    zone: ZoneInfo
    there: Container[int]


def budget(page: Page) -> ui.LayoutView:
    """Show it all, or of every list as much as a message has room for."""
    sections: list[list[str]] = []
    for shown in range(_SHOWN_MAX, 0, -1):
        sections = [list(lines) for lines in _sections(page, shown)]
        if sum(len(line) + 1 for lines in sections for line in lines) <= _LETTERS_MAX:
            break
    return panel(_TITLE, sections)


def _sections(page: Page, shown: int) -> Iterator[Iterable[str]]:
    limits = page.limits
    whole = _of(limits.shared, ScopeKind.SERVER)
    yield ["**The whole server**", *(line for each in whole for line in _measured(each))]
    yield [f"**Each person**: {budget_words.some(limits.members, budget_words.unset(limits))}"]
    single = [
        *listed("**Roles**, each person who has one", _roles(page), shown),
        *listed("**Channels**", _channels(page), shown),
        *listed("**People with a limit of their own**", _people(limits), shown),
    ]
    yield single or ["No role, channel or person has a limit of its own: `/budget set`."]
    teams = [pool for pool in limits.pools if pool.channel_id is None]
    lines = [_team(limits, team, shown) for team in teams]
    yield listed("**Teams**", lines, shown) or ["No teams: `/budget team create`."]
    events = [_event(limits, pool) for pool in limits.pools if pool.channel_id is not None]
    yield listed("**Events**", events, shown)
    grants = [
        f"<@{each.discord_id}>: {each.amount} more in each period, ends "
        f"{phrases.relative(each.expires_at)}"
        for each in limits.grants
    ]
    yield listed("**Grants**", grants, shown)
    spenders = [
        f"<@{each.discord_id}>: {each.used} used, {each.held} held"
        for each in limits.spenders
        if each.discord_id is not None
    ]
    most = listed("**Who spent most this month**", spenders, len(spenders))
    yield most or ["Nobody has spent anything this month."]
    yield [_footer(page)]


def _measured(each: Allowance) -> list[str]:
    first, *rest = allowance_lines(each)
    return [first + budget_words.DEFAULT, *rest] if each.source is None else [first, *rest]


def _of(
    shared: Iterable[Allowance], kind: ScopeKind, subject: str | None = None
) -> list[Allowance]:
    return [
        each for each in shared if each.scope.kind is kind and subject in {None, each.scope.subject}
    ]


def _rules(limits: ServerLimits, kind: ScopeKind) -> dict[str, _Kinds]:
    """Group what was set by its subject."""
    found: dict[str, _Kinds] = {}
    for rule in limits.rules:
        if rule.scope.kind is kind:
            found.setdefault(rule.scope.subject, []).append((rule.kind, rule.limit))
    return found


def _roles(page: Page) -> list[str]:
    return [
        f"<@&{role}>: {budget_words.some(kinds)}"
        for role, kinds in _rules(page.limits, ScopeKind.ROLE).items()
        if int(role) in page.there
    ]


def _channels(page: Page) -> list[str]:
    return [
        f"<#{each.scope.subject}>: {budget_words.left(each)}"
        for each in _of(page.limits.shared, ScopeKind.CHANNEL)
        if int(each.scope.subject) in page.there
    ]


def _people(limits: ServerLimits) -> list[str]:
    names = {rule.scope.subject: rule.discord_id for rule in limits.rules}
    return [
        f"<@{names[person]}>: {budget_words.some(kinds)}"
        for person, kinds in _rules(limits, ScopeKind.PERSON).items()
        if names[person] is not None
    ]


def _team(limits: ServerLimits, team: Pool, shown: int) -> str:
    members = [f"<@{who}>" for who in limits.teams.get(team.id, ())]
    who = ", ".join([*members[:shown], *phrases.more(len(members) - shown)]) or "nobody in it yet"
    return f"**{team.name}**: {_pool(limits, team)}\n-# {who}"


def _event(limits: ServerLimits, event: Pool) -> str:
    assert event.ends_at is not None  # noqa: S101 - by the store's own check
    ends = phrases.relative(event.ends_at)
    return f"<#{event.channel_id}>: {_pool(limits, event)} · ends {ends}"


def _pool(limits: ServerLimits, pool: Pool) -> str:
    whole = _of(limits.shared, ScopeKind.POOL, pool.id)
    parts = [budget_words.left(each) for each in whole] or ["no limit"]
    if caps := _rules(limits, ScopeKind.CAP).get(pool.id):
        parts.append(f"each {budget_words.some(caps)}")
    return " · ".join(parts)


def _footer(page: Page) -> str:
    choices = page.choices
    alerts = choices.budget_channel
    told = f"Alerts go to <#{alerts}>" if alerts else "Alerts go nowhere: `/budget alerts`"
    role = choices.manager_role
    managers = f" · <@&{role}> manages budgets too" if role else ""
    return f"-# {told}{managers} · days begin at midnight in {page.zone}"
