"""A crowd in groups whose orders meet limits of every kind, each with a known number of orders."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import cycle, islice

from bot.chat.pace import TIMES
from bot.core.limits import (
    Limit,
    PeriodKind,
    Rule,
    Scope,
    ScopeKind,
    person_scope,
    scope,
    server_scope,
)
from bot.core.money import Money
from bot.store.store import Store
from sandbox.discord.app import Discord
from sandbox.discord.state import Channel
from sandbox.people import Person

PRICE = Money(40_000)
_ROOMS = {"team": (6, 0), "capped": (4, 2), "channel": (5, 0), "role": (2, 1), "own": (3, 3)}
UNIT = sum(room for room, _ in _ROOMS.values())
"""The orders in one unit of room; of them each group's limits admit so many, and each person's."""

_OFTEN = TIMES * 7 // 10
"""Presses of one person with a limit of their own. Events that come twice count twice, and so do
presses of a button, as a command has asked for it."""

_EACH_MAX = 10  # presses of one person whom nothing else bounds: as many orders may run at once


class Bound(StrEnum):
    """What bounds the crowd."""

    SERVER = "the server's limit"
    OPERATOR = "the operator's limit"
    OWN = "limits of a team, its members, a channel, a role and single people"


@dataclass
class Group:
    """People whose orders meet the same limits, and how many orders those leave room for."""

    name: str
    people: list[Person]
    channel: Channel
    room: int
    presses: int

    def pressers(self) -> Iterator[Person]:
        """Let everybody press as often as the others."""
        return islice(cycle(self.people), self.presses)


@dataclass
class Crowd:
    """Everybody, and the rules that are set for them before the bot starts."""

    discord: Discord
    bound: Bound
    presses: int
    units: int
    groups: list[Group] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.discord.add_role("Crowd")
        few = self._few()
        share = (self.presses - _OFTEN * sum(few.values())) // (len(_ROOMS) - len(few))
        for name in _ROOMS:
            size = few.get(name, -(-share // _EACH_MAX))
            self.groups.append(self._group(name, size, _OFTEN * size if name in few else share))

    @property
    def room(self) -> int:
        """Count the orders there is room for in all."""
        return UNIT * self.units

    @property
    def operator_limit(self) -> Money:
        """Give the operator's limit of a day, which is a setting."""
        return PRICE * self.room if self.bound is Bound.OPERATOR else Money.parse("100000")

    async def settle_down(self, store: Store) -> None:
        """Form the teams and set the limits."""
        server = int(self.discord.studio.id)
        team, capped, channel, _, own = self.groups
        pools = [await _pool(store, server, group) for group in (team, capped)]
        whole = PRICE * self.room if self.bound is Bound.SERVER else Rule.UNLIMITED
        limits: dict[Scope, Limit] = {server_scope(server): whole}
        if self.bound is Bound.OWN:
            limits |= {
                scope(ScopeKind.POOL, server, pools[0]): PRICE * team.room,
                scope(ScopeKind.CAP, server, pools[1]): PRICE * 2,
                scope(ScopeKind.CHANNEL, server, channel.channel.id): PRICE * channel.room,
                scope(ScopeKind.ROLE, server, self.discord.role("Crowd").id): PRICE,
            }
            for one in own.people:
                limits[person_scope(server, await store.person(int(one.id)))] = PRICE * 3
        for subject, limit in limits.items():
            await store.set_limit(subject, PeriodKind.DAY, limit, actor=1)

    def _few(self) -> dict[str, int]:
        """Count the people of groups in which each has a limit; they press as often as they can."""
        if self.bound is not Bound.OWN:
            return {}
        return {name: room * self.units // each for name, (room, each) in _ROOMS.items() if each}

    def _group(self, name: str, size: int, presses: int) -> Group:
        roles = ["Crowd"] if name == "role" else []
        people = [self.discord.add_person(f"{name}{number}", roles=roles) for number in range(size)]
        return Group(
            name, people, self.discord.add_channel(name), _ROOMS[name][0] * self.units, presses
        )


async def _pool(store: Store, server: int, group: Group) -> str:
    pool = await store.create_pool(server, group.name, 1)
    for one in group.people:
        await store.join_pool(server, pool, int(one.id), 1)
    return pool
