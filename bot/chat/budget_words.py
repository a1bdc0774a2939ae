"""The sentences of the managers' commands; `words` has everybody's."""

from collections.abc import Collection, Container, Iterable, Sequence
from datetime import datetime

from bot.chat.phrases import listed, quote, relative
from bot.chat.words import DAILY, THIS, limit_text, plain, shared
from bot.core.limits import Allowance, Limit, PeriodKind, Rule, ScopeKind
from bot.core.money import ZERO, Money
from bot.store.pools import PoolLimits
from bot.store.views import ServerLimits

DEFAULT = " (default)"
BAD_LIMIT = (
    "`amount` takes dollars like `5` or `1.50 a week` (a point, and up to six decimals), "
    "`unlimited`, `blocked`, or `unset` for the default."
)
BAD_FIRST_LIMIT = (
    "`{option}` takes dollars like `5` or `1.50` (a point, and up to six decimals), `unlimited` "
    "or `blocked`."
)
TWO_PERIODS = "`{option}` says {said} and `period` something else: please say it once."
NOTHING = "`amount` must be more than nothing: an event pays for pictures."
BAD_DOLLARS = "`{option}` takes dollars like `5` or `1.50` (a point, and up to six decimals)."
NOT_FOR_THEM = "This works for people of this server, but not for bots."
NOT_A_PERSON = "`person` can be any member of this server, but no bot."
ONE_SUBJECT = "One limit at a time: give only one of `person`, `role`, `channel` and `team`."
WHOSE_MISSING = (
    "Whose limit is it? Choose a `scope`, or give a `person`, a `role`, a `channel` or a `team`."
)
SCOPE_UNEXPECTED = (
    "Please leave `scope` out when you give a `person`, a `role` or a `channel`. With a `team` it "
    "can be `each person`: that sets each member's part."
)
EVERYONE = "@everyone is everybody: choose the `scope` `each person`, and no `role`."
EVERYONE_MANAGES = "@everyone can't manage budgets: please name a role that some people have."
BOTS_ROLE = "That `role` is a bot's own, and bots order no pictures."
BAD_NAME = "`name` takes 1 to 32 letters, digits, spaces or marks like `-`, `.` and `&`."
HOURS = "`hours` can be 1 to 72."
NAME_TAKEN = "There is a team or event called **{name}** already."
EVENT_NAME = "the event in #{channel}"  # as refusals say: "the limit of the event in #general"
EACH_WITH = "each person with {role}"
NO_EVENT = "No event runs in {channel}."
NO_PLACE = "An event runs in a channel where I can post pictures; please name one."
NOT_YOURS = "What others spend is for managers to see. `/quota` shows your own."
ONE_OF_TWO = "Give either a `channel` or `off`, not both."
ONLY_MANAGE_SERVER = "Who manages budgets can be changed with the Manage Server permission only."
TEAM_GONE = "That team was closed. `/budget view` shows the teams there are."


def no_team(typed: str, names: Sequence[str]) -> str:
    """Say which teams there are instead."""
    if not names:
        return "There is no team yet: `/budget team create` makes one."
    return f"There is no team {quote(typed, 32)}. Did you mean {listed(names, 'or')}?"


def no_zone(typed: str, nearest: Sequence[str]) -> str:
    """Say which time zones are near."""
    like = listed((f"`{name}`" for name in nearest or ("Europe/Berlin", "UTC")), "or")
    hint = f"Did you mean {like}?" if nearest else f"Their names are like {like}."
    return f"I know no time zone {quote(typed, 40)}. {hint}"


def team(name: str, *, each: bool) -> str:
    """Name the subject of a team's limit, or of each member's part of it."""
    return f"each member of **{name}**" if each else f"**{name}**"


def limit_set(whose: str, kind: PeriodKind, before: Limit | None, after: Limit | None) -> str:
    """Confirm a changed limit with what it was."""
    return f"{DAILY[kind]} limit of {whose}: {plain(after)} (was {plain(before)})."


def holding(
    whose: str,
    limits: Collection[tuple[PeriodKind, Limit]],
    unset: Container[PeriodKind] = frozenset(),
    granted: Money = ZERO,
) -> str:
    """Tell all that holds for a subject, what of it nobody set, and what is granted."""
    if not limits:
        return f"Nothing is set for {whose} now; all other limits still hold."
    part = f", of which {granted} is granted" if granted else ""
    return f"What holds for {whose} now: {some(limits, unset)}{part}."


def unset(limits: ServerLimits) -> set[PeriodKind]:
    """Find which of each person's limits are defaults."""
    given = {rule.kind for rule in limits.rules if rule.scope.kind is ScopeKind.MEMBERS}
    return {kind for kind, _ in limits.members} - given


def besides(limits: Collection[tuple[PeriodKind, Limit]]) -> list[str]:
    """Tell what the server's default adds to a role's limits, for kinds of period it leaves out."""
    if not limits:
        return []
    own = "one" if len(limits) == 1 else "those"
    return [f"Each person's {some(limits)} holds besides, until the role has {own} of its own."]


def over(each: Allowance) -> list[str]:
    """Tell that more is used than a limit allows, if it is."""
    if not isinstance(each.limit, Money) or each.used + each.held <= each.limit:
        return []
    excess, ends_at = each.used + each.held - each.limit, each.period.ends_at
    then = f"It starts again {relative(ends_at)}" if ends_at else "It takes a higher limit to go on"
    return [f"That is over by {excess}: no new orders now. {then}; running orders finish."]


def in_team(who: str, team: str, limits: Collection[tuple[PeriodKind, Limit]]) -> str:
    """Tell that a person's own limit waits while a team pays."""
    together = f" ({some(limits)} together)" if limits else ""
    return (
        f"{who} is in **{team}**, which pays instead{together}: of their own limits only `blocked` "
        "counts."
    )


def granted(who: str, amount: Money, own: Sequence[Allowance], until: datetime) -> str:
    """Confirm a grant, which raises every one of a person's `own` limits in each of its periods."""
    kinds = [each.period.kind for each in own if isinstance(each.limit, Money)]
    each = "in each period" if len(kinds) != 1 else _MORE[kinds[0]]
    return f"Granted {who} {amount} more {each} until {_moment(until)}."


_MORE = dict(zip(PeriodKind, ("each day", "each week", "each month", "in total"), strict=True))


def revoked(who: str, amount: Money) -> str:
    """Confirm that grants were taken back."""
    if not amount:
        return f"{who} has no grant that runs."
    return f"Took back what {who} was granted: {amount}."


def left_now(who: str, own: Sequence[Allowance], least: Allowance | None) -> str:
    """Tell what a person can still spend, and what else bounds that most."""
    if not own:
        return (
            f"Their team pays for {who}, and sets no limit for each member, so a grant changes "
            "nothing until they leave it."
        )
    if any(each.limit is Rule.BLOCKED for each in own):
        return f"{who} is blocked, and a grant does not lift that: use `/budget set`."
    besides = "" if least is None or least in own else f" {_also(least)}"
    return f"{who} now has {listed(map(_left, own))}.{besides}"


def _also(least: Allowance) -> str:
    return f"{shared(least)}: {left(least)}, and that holds too."


def left(each: Allowance) -> str:
    """Tell what is left of a limit: "$3.00 left of $5.00 today"."""
    if isinstance(each.limit, Money):
        return f"{each.left} left of {each.limit} {THIS[each.period.kind]}"
    return "blocked" if each.limit is Rule.BLOCKED else f"no limit {THIS[each.period.kind]}"


def _left(each: Allowance) -> str:
    when = THIS[each.period.kind]
    return f"no limit {when}" if each.left is None else f"{each.left} left {when}"


def team_made(name: str, limits: PoolLimits) -> str:
    """Confirm a new team, and ask for its members."""
    whole, *part = (limit_text(limit, period) for _, period, limit in limits)
    each = f", {part[0]} each" if part else ""
    return (
        f"Made **{name}**: {whole} together{each}. This takes the place of its members' own limits."
        " Who is in it? Choose here, or use `/budget team add`."
    )


DRAWING = "Adding up and drawing; this takes some seconds."
CHOOSE_MEMBERS = "Add members"


def joined(team: str, added: Sequence[str], already: Sequence[str], left_out: Sequence[str]) -> str:
    """Tell who is in a team now."""
    lines = [
        (f"Added to **{team}**", added),
        (f"In **{team}** already", already),
        ("Left out, as they are bots or not in this server", left_out),
    ]
    return "\n".join(f"{head}: {listed(who)}." for head, who in lines if who)


def moved(who: str, before: str | None) -> str:
    """Name somebody who joins a team, and the team they leave for it."""
    return who if before is None else f"{who} (was in **{before}**)"


def removed(who: str, team: str, *, was_in: bool) -> str:
    """Tell who left a team."""
    if not was_in:
        return f"{who} is not in **{team}**."
    return f"{who} is not in **{team}** any more, and on their own limits again."


def closed(team: str, members: int) -> str:
    """Tell that a team ended."""
    who = "Nobody was in it." if not members else f"Its members ({members}) are on their own again."
    return f"Closed **{team}**. {who} Running orders finish as they were taken."


def event_open(hours: int, ends_at: datetime, limits: PoolLimits) -> str:
    """Announce an event where it happens."""
    length = "hour" if hours == 1 else f"{hours} hours"
    whole, *part = (plain(limit) for _, _, limit in limits)
    each = f", {part[0]} each" if part else ""
    return (
        f"For the next {length} (until <t:{int(ends_at.timestamp())}:t>) the server pays here: up "
        f"to {whole} in all{each}. Order with `/imagine`."
    )


EVENT_OVER = "The event is over: orders here count towards your own limits again."


def event_started(
    channel: str, ends_at: datetime, least: Allowance | None, *, announced: bool
) -> str:
    """Confirm an event, and tell what bounds it if not its own limit does."""
    bounded = [] if least is None or least.scope.kind is ScopeKind.POOL else [_also(least)]
    pays = f"Until {_moment(ends_at)} the server pays in {channel}."
    return "\n".join([pays, *bounded, _announced(channel, announced=announced)])


def event_runs(channel: str, ends_at: datetime) -> str:
    """Say that there is an event already."""
    return f"An event runs in {channel} until {_moment(ends_at)}: `/budget event stop` ends it."


def event_stopped(channel: str, *, announced: bool) -> str:
    """Confirm the end of an event."""
    return f"Stopped the event in {channel}. {_announced(channel, announced=announced)}"


def _announced(channel: str, *, announced: bool) -> str:
    if announced:
        return f"I told {channel} so."
    return f"I can't write in {channel}, so please tell people yourself."


def alerts(channel: int | None, before: int | None) -> str:
    """Tell where alerts go, and where they went."""
    was = "" if channel == before else f" (was {_channel(before)})"
    if channel is None:
        return (
            f"Alerts go nowhere{was}; who asks for more asks in the channel they are in. The "
            "option `channel` chooses where they go."
        )
    return f"Alerts and requests for more go to <#{channel}>{was}."


def stars(channel: int | None, before: int | None) -> str:
    """Tell where starred pictures are shown, and where they were."""
    was = "" if channel == before else f" (was {_channel(before)})"
    if channel is None:
        return f"Starred pictures are shown nowhere{was}. The option `channel` chooses where."
    return f"Pictures that people star are shown in <#{channel}>{was}."


def _channel(channel_id: int | None) -> str:
    return "nowhere" if channel_id is None else f"<#{channel_id}>"


def cannot_post(channel: str, missing: Iterable[str]) -> str:
    """Say what the bot may not do in a channel."""
    return f"I can't post in {channel}: I need {listed(missing)} there."


def managers(role: int | None, before: int | None) -> str:
    """Tell who manages budgets."""
    if role is None:
        return f"Only people with Manage Server manage budgets now (was {_role(before)} too)."
    return (
        f"People with {_role(role)} manage budgets now, beside those with Manage Server (was "
        f"{_role(before)}).\nThey see `/budget` once Discord shows it to them: Server Settings > "
        "Integrations > this bot > `/budget`, and there add the role."
    )


def _role(role_id: int | None) -> str:
    return "no role" if role_id is None else f"<@&{role_id}>"


def zone_named(name: str) -> str:
    """Name a time zone in a list, where its sign is not as people say it: "Etc/GMT-2 (UTC+2)"."""
    ahead = name.removeprefix("Etc/GMT").translate({ord("+"): "-", ord("-"): "+"})
    return f"{name} (UTC{ahead})" if name.startswith(("Etc/GMT+", "Etc/GMT-")) else name


def zone(name: str, before: str, ends_at: datetime | None) -> str:
    """Tell when days begin."""
    signed = zone_named(name).removeprefix(name)
    ends = f" Today ends {relative(ends_at)}." if ends_at else ""
    was = "" if name == before else f" (was `{before}`)"
    return f"Days, weeks and months begin at midnight in `{name}`{signed} now{was}.{ends}"


def _moment(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:f> ({relative(at)})"


def some(
    limits: Iterable[tuple[PeriodKind, Limit]], unset: Container[PeriodKind] = frozenset()
) -> str:
    """List limits, and mark those nobody set: "$5.00 a week and $1.00 a day (default)"."""
    return listed(
        limit_text(limit, kind) + (DEFAULT if kind in unset else "") for kind, limit in limits
    )
