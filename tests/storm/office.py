"""A server with limits of every kind, whose people order while hours and days go by."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from bot.core.limits import (
    OPERATOR,
    PeriodKind,
    Scope,
    ScopeKind,
    member_scope,
    person_scope,
    scope,
    server_scope,
)
from bot.core.money import Money
from sandbox.discord.state import Channel
from sandbox.omixa import faults
from tests.flow.world import World
from tests.storm.account import Line, Work, lines

EVERYWHERE = "America/Havana"  # the operator's zone

_HERE = "Pacific/Auckland"
_DAY, _WEEK, _MONTH, _TOTAL = PeriodKind
_PEOPLE = 12
_TROUBLED, _LEAPS = 0.5, 0.4
_LEAPS_S = (130, 3_600, 6 * 3_600, 86_400, 3 * 86_400)
_TROUBLES = (
    faults.slow(headers_s=120),
    faults.slow(headers_s=3_000),
    faults.billed('"0.011111"'),
    faults.billed('"0.060000"'),
    faults.status(503),
    faults.reset_after_success(),
    faults.filtered("empty"),
    faults.fewer(1),
)


@dataclass(frozen=True)
class Desk:
    """Somebody somewhere, with the scopes their orders count in there."""

    name: str
    channel: Channel
    own: Scope
    shared: tuple[Scope, ...]


class Office:
    """Every second person is in a team; no two limits are alike."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = Random(seed)  # noqa: S311 - replays, no secrets
        self.zones = {True: ZoneInfo(EVERYWHERE), False: ZoneInfo(_HERE)}
        self._references: dict[str, str] = {}
        self._team = ""

    async def furnish(self) -> None:
        """Let people come, form the team and set the limits."""
        store, server = self.world.store, self.world.server_id
        await store.set_server(server, 1, time_zone=_HERE)
        self._team = await store.create_pool(server, "Blue", 1)
        for number in range(_PEOPLE):
            person = self.world.discord.add_person(f"guest{number}")
            self._references[person.user.username] = await store.person(int(person.id))
            if number % 2:
                await store.join_pool(server, self._team, int(person.id), 1)
        for subject, kinds in self._rules().items():
            for kind, limit in kinds.items():
                await store.set_limit(subject, kind, limit, 1)

    def anybody(self) -> Desk:
        """Pick a person and a channel."""
        number = self.chance.randrange(_PEOPLE)
        name, reference = list(self._references.items())[number]
        channel = self.world.discord.channel(self.chance.choice(["general", "painting"]))
        server = self.world.server_id
        shared = (scope(ScopeKind.CHANNEL, server, channel.id), server_scope(server), OPERATOR)
        if number % 2 == 0:
            return Desk(name, channel, person_scope(server, reference), shared)
        pool = scope(ScopeKind.POOL, server, self._team)
        return Desk(name, channel, member_scope(server, self._team, reference), (pool, *shared))

    async def bustle(self) -> None:
        """Let some people order, the gateway be odd, and time go by in leaps."""
        for _ in range(self.chance.randint(1, 5)):
            if self.chance.random() < _TROUBLED:
                self.world.omixa.next(self.chance.choice(_TROUBLES))
            desk = self.anybody()
            options = {"prompt": "a fox", "size": "0.5K", "count": self.chance.choice([1, 1, 2])}
            person = self.world.discord.people[desk.name]
            await person.slash("imagine", channel=desk.channel, options=options)
        if self.chance.random() < _LEAPS:
            self.world.clock.advance(self.chance.choice(_LEAPS_S))

    def lines(self, of: Scope, done: list[Work], now: datetime) -> list[Line]:
        """Work out what a view shows of one scope."""
        rules = self._rules()
        server = self.world.server_id
        of_each = {
            ScopeKind.PERSON: scope(ScopeKind.MEMBERS, server),
            ScopeKind.MEMBER: scope(ScopeKind.CAP, server, self._team),
        }
        limits = rules.get(of_each.get(of.kind, of), {})
        today = now.astimezone(self.zones[of == OPERATOR]).date()
        return lines(done, str(of), limits, today)

    def _rules(self) -> dict[Scope, dict[PeriodKind, Money]]:
        server = self.world.server_id
        painting = self.world.discord.channel("painting").id
        dollars = {
            scope(ScopeKind.MEMBERS, server): {_DAY: 51, _WEEK: 203, _MONTH: 508, _TOTAL: 5_011},
            scope(ScopeKind.CAP, server, self._team): {_DAY: 31, _MONTH: 307},
            scope(ScopeKind.POOL, server, self._team): {_DAY: 83, _TOTAL: 2_011},
            scope(ScopeKind.CHANNEL, server, painting): {_DAY: 61, _WEEK: 211},
            server_scope(server): {_DAY: 331, _MONTH: 4_001},
            OPERATOR: {_DAY: 997, _WEEK: 3_001},
        }
        return {
            subject: {kind: Money(amount * 10**6) for kind, amount in kinds.items()}
            for subject, kinds in dollars.items()
        }
