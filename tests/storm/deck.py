"""The deck: random orders, rules and answers in a small world, where everything meets."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bot.core.job import Admission, Look, Painted, Payer, Place, Sketch
from bot.core.limits import OPERATOR, Limit, PeriodKind, Rule, Scope, ScopeKind, scope
from bot.core.money import Money
from bot.core.order import Order
from tests.storm.oracle import Oracle

START = datetime(2026, 3, 27, 20, tzinfo=UTC)  # two days before Europe's clocks go forward
LOOK = Look(format="png", width=8, height=8)

_SERVERS = (500, 501)
_PEOPLE: dict[int, tuple[int, ...]] = {71: (), 72: (1, 2), 73: (2, 3), 74: (3,)}
_ROLES = (1, 2, 3)
_CHANNELS = (600, 601)
_THREADS = {650: 600, 651: 601}
_ZONES = ("Europe/Warsaw", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati")
_BOSS = 99
_AMOUNTS = (0, 1, 40_000, 120_000, 250_000, 500_000, 2_000_000)
_UNITS = (40_000, 40_000, 33_333, 70_001, 7, 1)
_CALLS = ((1,), (1,), (1, 1), (2,), (4, 3), (1, 1, 1, 1), (4, 4, 2))
_HOURS = (0.01, 0.2, 1, 5, 13, 24, 80, 24 * 8, 24 * 31)

Given = dict[str, Any]


class Deck:
    """Draws the arguments of the store's verbs.

    Args:
        chance: the seed's.
        oracle: knows which calls and pools there are by now.
        refer: gives a person's reference.
    """

    def __init__(self, chance: Random, oracle: Oracle, refer: Callable[[int], str]) -> None:
        self._chance = chance
        self._pick = chance.choice
        self._oracle = oracle
        self._refer = refer
        self._made = 0
        self.people = tuple(_PEOPLE)

    def later(self) -> timedelta:
        """Let time pass: mostly little, sometimes past a midnight, a Sunday or a month."""
        return timedelta(hours=self._pick(_HOURS) * self._chance.random())

    # Orders and answers

    def payer(self) -> Payer:
        """Pick who orders; now and then somebody new."""
        who = self._pick([*_PEOPLE, *_PEOPLE, self._chance.randrange(80, 90)])
        return Payer(who, _PEOPLE.get(who, ()))

    def place(self) -> Place:
        """Pick where: a channel, a thread in one, or a place outside servers."""
        server, channel = self._pick([500, 500, 501, None]), self._pick([*_CHANNELS, *_THREADS])
        return Place(server_id=server, channel_id=channel, parent_id=_THREADS.get(channel))

    def key(self) -> str:
        """Name what causes an order; sometimes what caused an earlier one."""
        if self._oracle.jobs and self._chance.random() < 0.1:
            return self._pick(list(self._oracle.jobs))
        self._made += 1
        return f"interaction {self._made}"

    def hold(self) -> Given:
        """Draw an order as the desk would pass it on."""
        return {"admission": self.admission(self.key(), self.payer(), self.place())}

    def admission(self, key: str, payer: Payer, place: Place) -> Admission:
        """Draw what somebody orders."""
        calls, unit = self._pick(_CALLS), self._pick(_UNITS)
        return Admission(
            key=key,
            payer=payer,
            place=place,
            order=Order(prompt="a fox", model=f"at {unit}", count=sum(calls)),
            calls=calls,
            unit_price=Money(unit),
        )

    def settle(self, hold: int, images: int) -> Given:
        """Draw an answer to a call: any bill, any number of pictures, any or all of them broken.

        Where none is left our own disk may be to blame.
        """
        unit = hold // images
        came = self._pick([images, images, images, 0, 1, images + 1])
        bill = self._pick(
            [unit * came, unit * came - 1, hold + 1, hold * 3, hold * 20, hold * 20 + 1, 0, None]
        )
        sketches = tuple(
            Sketch(name=f"{number}.png", format="png", size_bytes=9, sha256="00" * 32)
            for number in range(1, came + 1)
        )
        told = Painted(sketches=sketches, billed=None if bill is None else Money(max(bill, 0)))
        sound = self._pick([0, 0.85, 0.85, 0.85])
        looks = {each.name: LOOK for each in sketches if self._chance.random() < sound}
        return {"painted": told, "looks": looks, "kept": bool(looks) or self._pick([True, False])}

    def bill(self, hold: int) -> Money | None:
        """Draw what somebody says that a call cost."""
        return self._pick([None, Money(0), Money(hold), Money(hold * 2), Money(hold * 25)])

    # Rules

    def set_limit(self) -> Given:
        """Draw a rule for anything that can have one."""
        kind = self._pick([PeriodKind.DAY, PeriodKind.DAY, *PeriodKind])
        given = {"scope": self._subject(), "kind": kind, "limit": self._limit()}
        return {**given, "actor": _BOSS, "reason": "why not"}

    def _limit(self) -> Limit | None:
        """Amounts are near what orders cost; blocks are rare, or nothing would ever be held."""
        amount = Money(self._pick(_AMOUNTS))
        return self._pick([None, None, Rule.UNLIMITED, Rule.UNLIMITED, *[amount] * 6, Rule.BLOCKED])

    def _subject(self) -> Scope:
        pools = [pool.id for pool in self._oracle.pools.values() if not pool.closed]
        subjects: dict[ScopeKind, list[object]] = {
            ScopeKind.PERSON: [self._refer(self._pick(list(_PEOPLE)))],
            ScopeKind.ROLE: list(_ROLES),
            ScopeKind.MEMBERS: [""],
            ScopeKind.CHANNEL: list(_CHANNELS),
            ScopeKind.SERVER: [""],
            ScopeKind.POOL: list(pools),
            ScopeKind.CAP: list(pools),
        }
        kinds = [kind for kind, of in subjects.items() if of]
        kind = self._pick([*kinds, ScopeKind.PERSON, ScopeKind.ROLE, ScopeKind.OPERATOR])
        if kind is ScopeKind.OPERATOR:
            return OPERATOR
        server = self._pick([500, 500, 501, None])
        subject = self._pick(subjects[kind])
        if kind in {ScopeKind.POOL, ScopeKind.CAP}:
            server = self._oracle.pools[str(subject)].server
        return scope(kind, server, subject)

    def set_server(self) -> Given:
        """Draw another time zone."""
        changes = {"time_zone": self._pick(_ZONES)}
        return {"server_id": self._pick(_SERVERS), "actor": _BOSS, "changes": changes}

    def create_pool(self, now: datetime) -> Given:
        """Draw a team or an event."""
        self._made += 1
        event = (self._pick(_CHANNELS), now + self.later()) if self._chance.random() < 0.5 else None
        server, name = self._pick(_SERVERS), f"pool {self._made}"
        return {"server_id": server, "name": name, "actor": _BOSS, "event": event}

    def close_pool(self) -> Given | None:
        """Draw a pool's end."""
        pools = [pool.id for pool in self._oracle.pools.values() if not pool.closed]
        return {"pool": self._pick(pools), "actor": _BOSS} if pools else None

    def join_pool(self) -> Given:
        """Draw somebody's way into a team, or out of any; sometimes into one that has ended."""
        server = self._pick(_SERVERS)
        teams = [
            pool.id
            for pool in self._oracle.pools.values()
            if pool.server == server and pool.ends is None
            if not pool.closed or self._chance.random() < 0.1
        ]
        pool = self._pick([*teams, None])
        who = self._pick(list(_PEOPLE))
        return {"server_id": server, "pool": pool, "discord_id": who, "actor": _BOSS}

    def grant(self, now: datetime) -> Given:
        """Draw a grant."""
        who = {"server_id": self._pick(_SERVERS), "discord_id": self._pick(list(_PEOPLE))}
        amount, ends_at = Money(self._pick(_AMOUNTS[1:])), now + self.later()
        return {**who, "amount": amount, "ends_at": ends_at, "actor": _BOSS, "why": "well done"}

    def revoke(self) -> Given:
        """Draw the end of somebody's grants."""
        who = {"server_id": self._pick(_SERVERS), "discord_id": self._pick(list(_PEOPLE))}
        return {**who, "actor": _BOSS, "why": "enough"}
