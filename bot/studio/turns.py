"""Turns at the gateway: a bounded number, handed round between people."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from bot.core.ids import PersonId


class Turns:
    """Hand out `places` turns: first come first served for one person, in rotation between them.

    Nobody holds more than half of the places (and at least one), so that a long order leaves
    room for the next person. A turn that grows late lends its place to others; as many may be
    late as there are places, so that no more than twice as many are ever open.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._each = max(1, places // 2)
        self._open: Counter[PersonId] = Counter()
        self._late: Counter[PersonId] = Counter()
        self._waiting: OrderedDict[PersonId, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, person: PersonId) -> AsyncGenerator["Turn"]:
        """Wait for a turn and keep it for the length of the block."""
        place = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(person, deque()).append(place)
        self._hand_out()
        try:
            await place
        except asyncio.CancelledError:
            self._withdraw(person, place)
            raise
        turn = Turn(lambda: self._lend(person))
        try:
            yield turn
        finally:
            if turn.is_late:
                _less(self._late, person)
            self._give_back(person)

    def ahead(self, person: PersonId) -> int | None:
        """Count the turns handed out before this person's next one; None if that is free now."""
        if self._has_room() and self._may(person):
            return None
        own = len(self._waiting.get(person, ()))
        others = (len(queue) for who, queue in self._waiting.items() if who != person)
        return own + sum(min(own + 1, length) for length in others)

    @property
    def waiting(self) -> int:
        """Count everybody's waiting turns."""
        return sum(map(len, self._waiting.values()))

    def _has_room(self) -> bool:
        return self._open.total() - min(self._late.total(), self._places) < self._places

    def _may(self, person: PersonId) -> bool:
        return self._open[person] - min(self._late[person], self._each) < self._each

    def _hand_out(self) -> None:
        while self._has_room() and (person := self._next_person()) is not None:
            queue = self._waiting[person]
            queue.popleft().set_result(None)
            self._waiting.move_to_end(person)
            if not queue:
                del self._waiting[person]
            self._open[person] += 1

    def _next_person(self) -> PersonId | None:
        return next(filter(self._may, self._waiting), None)

    def _lend(self, person: PersonId) -> None:
        self._late[person] += 1
        self._hand_out()

    def _give_back(self, person: PersonId) -> None:
        _less(self._open, person)
        self._hand_out()

    def _withdraw(self, person: PersonId, place: asyncio.Future[None]) -> None:
        # A cancelled wait may already have been given its turn, which must not be lost.
        if place.done() and not place.cancelled():
            self._give_back(person)
            return
        queue = self._waiting[person]
        queue.remove(place)
        if not queue:
            del self._waiting[person]


class Turn:
    """A place at the gateway, for as long as the block that waited for it."""

    def __init__(self, lend: Callable[[], None]) -> None:
        self._lend = lend
        self.is_late = False

    def grow_late(self) -> None:
        """Lend the place to others; call once."""
        self.is_late = True
        self._lend()


def _less(count: Counter[PersonId], person: PersonId) -> None:
    count[person] -= 1
    if not count[person]:
        del count[person]
