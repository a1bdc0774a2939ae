"""The reference: what must be true of the money, worked out from plain dicts and sums.

It shares no code with the store and keeps no balance: what a scope used or holds is added up anew
each time, from every call there ever was. People and places are Discord's own numbers here.
"""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ABSURD = 20
WEEK = timedelta(days=7)
OPEN = {"held", "sent", "unknown"}

Subject = tuple[object, ...]  # ("person", 500, 71), ("pool", 500, "team 1"), ..., ("operator",)
Frame = tuple[Subject, str]  # and a local day
Limit = int | str  # micro-dollars, "unlimited" or "blocked"


@dataclass(kw_only=True)
class Terms:
    """What holds until somebody sets a rule; the same figures that the store is opened with."""

    zone: str
    person_day: Limit
    server_day: Limit
    operator_day: Limit
    direct: Limit
    jobs: int
    unknown: int
    exposure: int
    window: timedelta


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody wants to be held, and from where."""

    key: str
    person: int
    roles: tuple[int, ...]
    server: int | None
    channel: int
    parent: int | None
    calls: tuple[int, ...]
    unit: int
    model: str

    @property
    def needed(self) -> int:
        return self.unit * sum(self.calls)


@dataclass(frozen=True)
class Bound:
    """One limit that an order must fit: whose, in which kind of period, and its days."""

    subject: Subject
    kind: str
    limit: Limit
    days: Callable[[str], bool]


@dataclass
class Call:
    """One gateway call."""

    id: str
    job: str
    person: int
    frames: tuple[Frame, ...]
    images: int
    unit: int
    model: str
    state: str = "held"
    left: bool = False  # it was begun, so a request of it may be out
    charged: int = 0
    billed: int = 0  # what the gateway is known or supposed to have taken
    estimated: bool = False
    exposure: int = 0
    doubted: datetime | None = None
    given_up: datetime | None = None
    shares: dict[int, int] = field(default_factory=dict)  # by picture number
    refunded: set[int] = field(default_factory=set)
    delivered: set[int] = field(default_factory=set)

    @property
    def hold(self) -> int:
        return self.unit * self.images

    @property
    def held(self) -> int:
        return self.hold if self.state in OPEN else 0

    @property
    def given_back(self) -> int:
        return sum(self.shares[number] for number in self.refunded)

    @property
    def paid(self) -> int:
        return self.charged - self.given_back

    @property
    def wallet(self) -> int:
        return self.billed + self.exposure


@dataclass
class Pool:
    """A team, or an event in a channel until it ends."""

    id: str
    server: int
    channel: int | None
    ends: datetime | None
    closed: bool = False

    def runs(self, now: datetime) -> bool:
        return not self.closed and (self.ends is None or now < self.ends)


class Oracle:
    """Knows every fact, and answers every question the slow way."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.zones: dict[int, str] = {}
        self.rules: dict[tuple[Subject, str], Limit] = {}
        self.pools: dict[str, Pool] = {}
        self.teams: dict[tuple[int, int], str] = {}
        self.grants: list[tuple[int, int, int, datetime]] = []  # server, person, amount, until
        self.prices: dict[str, list[tuple[datetime, int]]] = {}
        self.jobs: dict[str, str] = {}
        self.calls: dict[str, Call] = {}

    # Admission

    def refusal(self, order: Order, now: datetime) -> tuple[object, ...] | None:
        """Tell why an order is refused; None when it is admitted."""
        bounds = list(self.bounds(order, now))
        if any(bound.limit == "blocked" for bound in bounds):
            return ("blocked",)
        own = [call for call in self.calls.values() if call.person == order.person]
        if len({call.job for call in own if call.state in {"held", "sent"}}) >= self.terms.jobs:
            return ("too many jobs",)
        unknown = [call for call in self.calls.values() if call.state == "unknown"]
        if sum(call.person == order.person for call in unknown) >= self.terms.unknown:
            return ("too many unknown", "mine")
        since = now - self.terms.window
        given_up = [call for call in self.calls.values() if call.given_up and call.given_up > since]
        exposed = sum(call.hold for call in unknown) + sum(call.exposure for call in given_up)
        if exposed >= self.terms.exposure:
            return ("too many unknown", "everyone's")
        left = [
            bound.limit - sum(self.sums(bound)) for bound in bounds if isinstance(bound.limit, int)
        ]
        if left and order.needed > min(left):
            return ("over", max(min(left), 0))
        return None

    def sums(self, bound: Bound) -> tuple[int, int]:
        """Add up what is used and what is held in a limit's days."""
        used = held = 0
        for call in self.calls.values():
            if any(subject == bound.subject and bound.days(day) for subject, day in call.frames):
                used += call.wallet if bound.subject == ("operator",) else call.paid
                held += call.held
        return used, held

    def bounds(self, order: Order, now: datetime) -> Iterator[Bound]:
        """Give every limit that an order must fit."""
        days = self._calendar(order.server, now)
        pool = self.pool(order, now)
        own = dict(self._own(order))
        granted = self._granted(order, now)
        if pool is None:
            for kind, limit in own.items():
                raised = limit + granted if isinstance(limit, int) else limit
                yield Bound(("person", order.server, order.person), kind, raised, days[kind])
        else:
            yield from self._pooled(order, pool, granted, now)
        default = self.terms.direct if order.server is None else self.terms.server_day
        if order.server is not None:
            place = ("channel", order.server, order.parent or order.channel)
            yield from self._of(place, None, days)
        yield from self._of(("server", order.server), default, days)
        yield from self._of(("operator",), self.terms.operator_day, self._calendar(None, now))

    def beyond(self, subject: Subject, now: datetime) -> list[Call]:
        """Give the calls that count in a subject of which more is used than its limits allow."""
        server = subject[1] if len(subject) > 1 else None
        days = self._calendar(server if isinstance(server, int) else None, now)
        bounds = list(self._of(subject, None, days))
        if not any(isinstance(b.limit, int) and sum(self.sums(b)) > b.limit for b in bounds):
            return []
        return [call for call in self.calls.values() if subject in dict(call.frames)]

    def pool(self, order: Order, now: datetime) -> Pool | None:
        """Find who pays instead of the person: the event in the channel, else their team."""
        events = [
            pool
            for pool in self.pools.values()
            if pool.ends is not None
            and pool.runs(now)
            and pool.server == order.server
            and pool.channel in {order.channel, order.parent}
        ]
        if events:
            return max(events, key=lambda pool: pool.ends or now)
        team = self.teams.get((order.server or 0, order.person))
        return self.pools[team] if team is not None and not self.pools[team].closed else None

    def frames(self, order: Order, now: datetime) -> tuple[Frame, ...]:
        """Give the balances that an order counts in, for good."""
        here, everywhere = self.today(order.server, now), self.today(None, now)
        server = order.server
        pool = self.pool(order, now)
        subjects: list[Subject]
        if pool is None:
            subjects = [("person", server, order.person)]
        else:
            subjects = [("member", server, pool.id, order.person), ("pool", server, pool.id)]
        if server is not None:
            subjects.append(("channel", server, order.parent or order.channel))
        subjects.append(("server", server))
        return (*((subject, here) for subject in subjects), (("operator",), everywhere))

    def _own(self, order: Order) -> Iterator[tuple[str, Limit]]:
        """The first that exists of: set for the person, highest of the roles, everybody's."""
        person: Subject = ("person", order.server, order.person)
        roles: list[Subject] = [("role", order.server, role) for role in order.roles]
        for kind in ("day", "week", "month", "total"):
            of_roles = [self.rules[role, kind] for role in roles if (role, kind) in self.rules]
            if self.rules.get((person, kind)) == "blocked" or "blocked" in of_roles:
                yield kind, "blocked"
            elif (person, kind) in self.rules:
                yield kind, self.rules[person, kind]
            elif of_roles:
                amounts = [limit for limit in of_roles if isinstance(limit, int)]
                yield kind, "unlimited" if "unlimited" in of_roles else max(amounts)
            elif (everybody := (("members", order.server), kind)) in self.rules:
                yield kind, self.rules[everybody]
            elif kind == "day":
                yield kind, self.terms.person_day

    def _pooled(self, order: Order, pool: Pool, granted: int, now: datetime) -> Iterator[Bound]:
        days = self._calendar(order.server, now)
        member: Subject = ("member", order.server, pool.id, order.person)
        named: list[Subject] = [("person", order.server, order.person)]
        named += [("role", order.server, role) for role in order.roles]
        for (subject, kind), limit in self.rules.items():
            if subject in named and limit == "blocked":
                yield Bound(member, kind, limit, days[kind])
            if subject == ("cap", order.server, pool.id):
                raised = limit + granted if isinstance(limit, int) else limit
                yield Bound(member, kind, raised, days[kind])
        yield from self._of(("pool", order.server, pool.id), None, days)

    def _of(
        self, subject: Subject, default: Limit | None, days: dict[str, Callable[[str], bool]]
    ) -> Iterator[Bound]:
        for kind, within in days.items():
            fallback = default if kind == "day" else None
            limit = self.rules.get((subject, kind), fallback)
            if limit is not None:
                yield Bound(subject, kind, limit, within)

    def _granted(self, order: Order, now: datetime) -> int:
        return sum(
            amount
            for server, person, amount, until in self.grants
            if (server, person) == (order.server, order.person) and now < until
        )

    def today(self, server: int | None, now: datetime) -> str:
        """Give the local day that spending counts on."""
        zone = self.zones.get(server or 0, self.terms.zone)
        return now.astimezone(ZoneInfo(zone)).date().isoformat()

    def _calendar(self, server: int | None, now: datetime) -> dict[str, Callable[[str], bool]]:
        today = date.fromisoformat(self.today(server, now))
        monday = today - timedelta(days=today.weekday())
        week = {(monday + timedelta(days=each)).isoformat() for each in range(7)}
        return {
            "day": lambda day: day == today.isoformat(),
            "week": lambda day: day in week,
            "month": lambda day: day[:7] == today.isoformat()[:7],
            "total": lambda _: True,
        }

    def hold(self, order: Order, job: str, calls: tuple[str, ...], now: datetime) -> None:
        """Take over an admitted order."""
        frames = self.frames(order, now)
        self.jobs[order.key] = job
        for call, images in zip(calls, order.calls, strict=True):
            self.calls[call] = Call(
                call, job, order.person, frames, images, order.unit, order.model
            )

    def open(self, pool: Pool, now: datetime) -> None:
        """Take over a new pool; events of the server that are over stay over from now on."""
        for other in self.pools.values():
            if other.server == pool.server and not other.runs(now):
                other.closed = True
        self.pools[pool.id] = pool

    def close(self, pool: str) -> None:
        """End a pool for everybody in it."""
        self.pools[pool].closed = True
        self.teams = {whose: team for whose, team in self.teams.items() if team != pool}

    def revoke(self, server: int, person: int, now: datetime) -> int:
        """Take back what still raises a person's limit; gives how much that was."""
        gone = [each for each in self.grants if each[:2] == (server, person) and now < each[3]]
        self.grants = [each for each in self.grants if each not in gone]
        return sum(amount for _, _, amount, _ in gone)

    # What happens to calls

    def begin(self, call: Call) -> bool:
        """Send a call; False when it must not be sent."""
        may = call.state == "held"
        if may:
            call.state, call.left = "sent", True
        return may

    def doubt(self, call: Call, now: datetime) -> bool:
        """Lose sight of a call; False when there is nothing to doubt."""
        may = call.state == "sent"
        if may:
            call.state, call.doubted = "unknown", now
        return may

    def release(self, call: Call, failure: str, billed: int | None, now: datetime) -> bool:
        """Give a hold back; False when that is not to be."""
        if call.state not in OPEN or (
            call.left and failure in {"cancelled", "interrupted", "no room", "no reference"}
        ):
            return False
        if call.left and failure == "unanswered":
            call.exposure, call.given_up = call.hold, now
        call.state = "released"
        if call.left and billed:
            known = _believed(billed, call)
            call.billed, call.exposure = call.hold if known is None else known, 0
            call.estimated = known is None
        return True

    def settle(self, call: Call, told: int | None, sketches: int, came: int) -> None:
        """Take an answer of so many sketches, `came` of them pictures, that is said to cost `told`.

        What can't be believed is taken for the quote of all sketches, or of a whole call.
        """
        known = _believed(told, call)
        quote = call.unit * sketches if sketches or told is None else call.hold
        fresh = 0 if call.shares else came
        charged = 0
        if call.state in OPEN:
            call.billed = quote if known is None else known
            call.estimated = known is None
            charged = call.charged = min(call.billed, call.unit * came, call.hold)
            call.state = "settled" if came or call.billed else "released"
        elif known is not None:
            self.correct(call, known)
        elif call.state == "released" and not call.billed and quote and (fresh or call.exposure):
            call.billed, call.exposure, call.estimated = quote, 0, True
        last = max(
            (n for each in self.calls.values() if each.job == call.job for n in each.shares),
            default=0,
        )
        for index in range(fresh):
            share = charged * (index + 1) // fresh - charged * index // fresh
            call.shares[last + index + 1] = share

    def correct(self, call: Call, billed: int) -> bool:
        """Take the true bill of a call that is over; False when it stands in the books."""
        if call.billed == billed and not call.exposure:
            return False
        call.billed, call.exposure, call.estimated = billed, 0, False
        return True

    def reconcile(self, call: Call, billed: int) -> str:
        """Find out what a call cost of which no answer came; gives what that changed."""
        if call.state == "unknown":
            call.state, call.billed = "settled" if billed else "released", billed
            return call.state
        if call.state in OPEN or not call.left:
            return "not over"
        return "adjusted" if self.correct(call, billed) else "agreed"

    def learn(self, call: Call, told: int | None, sketches: int, now: datetime) -> None:
        """See what a picture cost."""
        known = _believed(told, call)
        if not known or not sketches:
            return
        price = -(-known // max(call.images, sketches))
        if sketches < call.images and price <= call.unit:
            return  # for a shortfall nobody knows the price
        seen = self.prices.setdefault(call.model, [])
        if seen or price > call.unit:
            seen[:] = [(at, each) for at, each in seen if each > price and at > now - WEEK]
            seen.append((now, price))

    def learned(self, model: str, now: datetime) -> int | None:
        """Give the highest price of the last week, else the last one."""
        seen = self.prices.get(model, [])
        recent = [price for at, price in seen if at > now - WEEK]
        return max(recent, default=seen[-1][1] if seen else None)

    def refund(self, call: Call, number: int) -> int:
        """Give a picture's share back, once."""
        if number in call.refunded:
            return 0
        call.refunded.add(number)
        return call.shares[number]

    # Sums

    def balances(self, of: Container[Frame] | None = None) -> dict[Frame, tuple[int, int]]:
        """Add up what is held and used in every frame, or in those asked for."""
        sums: dict[Frame, tuple[int, int]] = {}
        for call in self.calls.values():
            for frame in call.frames:
                if of is None or frame in of:
                    held, used = sums.get(frame, (0, 0))
                    spent = call.wallet if frame[0] == ("operator",) else call.paid
                    sums[frame] = held + call.held, used + spent
        return sums


def _believed(billed: int | None, call: Call) -> int | None:
    return None if billed is None or billed > ABSURD * call.hold else billed
