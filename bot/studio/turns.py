"""Turns at the gateway: a bounded number, handed round between people."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bot.core.ids import PersonId


class Turns:
    """Hand out `places` turns: first come first served for one person, in rotation between them.

    Nobody holds more than half of the places (and at least one), so that a long order leaves
    room for the next person.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._each = max(1, places // 2)
        self._busy: Counter[PersonId] = Counter()
        self._waiting: OrderedDict[PersonId, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, person: PersonId) -> AsyncGenerator[None]:
        """Wait for a turn and keep it for the length of the block."""
        place = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(person, deque()).append(place)
        self._hand_out()
        try:
            await place
        except asyncio.CancelledError:
            self._withdraw(person, place)
            raise
        try:
            yield
        finally:
            self._give_back(person)

    def ahead(self, person: PersonId) -> int | None:
        """Count the turns handed out before this person's next one; None if that is free now."""
        if self._free and self._busy[person] < self._each:
            return None
        own = len(self._waiting.get(person, ()))
        others = (len(queue) for who, queue in self._waiting.items() if who != person)
        return own + sum(min(own + 1, length) for length in others)

    @property
    def waiting(self) -> int:
        """Count everybody's waiting turns."""
        return sum(map(len, self._waiting.values()))

    def _hand_out(self) -> None:
        while self._free and (person := self._next_person()) is not None:
            queue = self._waiting[person]
            queue.popleft().set_result(None)
            self._waiting.move_to_end(person)
            if not queue:
                del self._waiting[person]
            self._free -= 1
            self._busy[person] += 1

    def _next_person(self) -> PersonId | None:
        return next((who for who in self._waiting if self._busy[who] < self._each), None)

    def _give_back(self, person: PersonId) -> None:
        self._free += 1
        self._busy[person] -= 1
        if not self._busy[person]:
            del self._busy[person]
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
