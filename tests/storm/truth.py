"""What the outside world knows: what the gateway took and gave, and which messages stand."""

import hashlib
import os
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from bot.core.clock import Clock
from bot.core.ids import CallId, JobId
from bot.core.job import Failure, Job, Look, Painted, Sketch
from bot.core.money import Money
from bot.core.states import PictureState
from bot.gateway.errors import Rejected, Stage, Throttled, Unknown, Unreachable, Unspent
from bot.gateway.usage import Usage, UsageRow
from bot.gateway.wire import Request
from bot.studio import courier
from bot.studio.courier import Posted, Undeliverable
from tests.storm.comparison import demand
from tests.storm.crash import Fuse

GOOD, BROKEN = b"a picture", b"not a picture"
_STATUS = {Failure.INVALID: 422, Failure.WALLET_EMPTY: 402, Failure.KEY_REFUSED: 401}


@dataclass(kw_only=True)
class Deed:
    """What the gateway did about one call; `billed` is what left the wallet, whatever was told."""

    kind: str
    billed: int = 0
    told: int | None = None
    pictures: tuple[bool, ...] = ()  # each good or broken
    refused: Failure | None = None
    model: str = ""
    at: datetime | None = None
    has_neighbour: bool = False  # another program bought a picture for $0.000001 at that moment
    is_hidden: bool = False  # nobody was told, or not the truth, of what left the wallet

    @property
    def answers(self) -> bool:
        """Tell whether an answer comes by itself."""
        return not self.kind.startswith("lost")


def _exact(_: Random, images: int, unit: int) -> Deed:
    return Deed(kind="", billed=unit * images, told=unit * images, pictures=(True,) * images)


def _billed(chance: Random, images: int, unit: int, first: int, last: int) -> Deed:
    deed = _exact(chance, images, unit)
    deed.billed = deed.told = chance.randrange(first, last)
    return deed


def _told(chance: Random, images: int, unit: int, told: int | None) -> Deed:
    deed = _exact(chance, images, unit)
    deed.told = told
    return deed


def _came(chance: Random, images: int, unit: int, pictures: tuple[bool, ...]) -> Deed:
    deed = _exact(chance, images, unit)
    deed.pictures = pictures
    return deed


def _garbled(chance: Random, images: int, unit: int, pictures: tuple[bool, ...]) -> Deed:
    """Name a sum that nobody can believe, or for pictures perhaps none."""
    absurd = 20 * unit * images + chance.randrange(1, 999)
    deed = _came(chance, images, unit, pictures)
    deed.told = chance.choice([absurd, None]) if pictures else absurd
    return deed


def _free(chance: Random, images: int, unit: int, told: int | None) -> Deed:  # noqa: ARG001
    return Deed(kind="", told=told)


def _refused(chance: Random, images: int, unit: int, *, billed: bool, told: bool) -> Deed:
    bill = unit * images if billed else 0
    failure = chance.choice(list(_STATUS))
    hidden = billed and not told
    return Deed(
        kind="", billed=bill, told=bill if told else None, refused=failure, is_hidden=hidden
    )


def _refused_garbled(chance: Random, images: int, unit: int) -> Deed:
    deed = _refused(chance, images, unit, billed=True, told=True)
    deed.told = 20 * unit * images + chance.randrange(1, 999)
    return deed


_Draw = Callable[[Random, int, int], Deed]
_KINDS: dict[str, tuple[int, _Draw]] = {
    "exact": (30, _exact),
    "cheap": (6, lambda c, n, u: _billed(c, n, u, 0, u * n)),
    "dear": (6, lambda c, n, u: _billed(c, n, u, u * n + 1, 20 * u * n + 1)),
    "absurd": (3, lambda c, n, u: _told(c, n, u, 20 * u * n + c.randrange(1, 999))),
    "no bill": (4, lambda c, n, u: _told(c, n, u, None)),
    "fewer": (5, lambda c, n, u: _exact(c, c.randrange(n), u)),
    "more": (3, lambda c, n, u: _came(c, n, u, (True,) * (n + c.randrange(1, 3)))),
    "broken": (4, lambda c, n, u: _came(c, n, u, tuple(c.random() < 0.4 for _ in range(n)))),
    "broken, garbled": (3, lambda c, n, u: _garbled(c, n, u, (False,) * n)),
    "empty, garbled": (2, lambda c, n, u: _garbled(c, n, u, ())),
    "empty": (4, lambda c, n, u: _free(c, n, u, c.choice([0, None]))),
    "empty, billed": (4, lambda c, n, u: _came(c, n, u, ())),
    "refused": (5, lambda c, n, u: _refused(c, n, u, billed=False, told=False)),
    "refused, billed": (3, lambda c, n, u: _refused(c, n, u, billed=True, told=True)),
    "refused, garbled": (2, _refused_garbled),
    "refused, billed in secret": (1, lambda c, n, u: _refused(c, n, u, billed=True, told=False)),
    "busy": (3, lambda c, n, u: _refused(c, n, u, billed=False, told=False)),
    "unreachable": (4, lambda c, n, u: _free(c, n, u, None)),
    "lost": (9, _exact),
    "lost, no bill": (10, lambda c, n, u: _told(c, n, u, None)),
    "lost, empty and billed": (12, lambda c, n, u: _came(c, n, u, ())),
    "lost, broken, garbled": (12, lambda c, n, u: _garbled(c, n, u, (False,) * n)),
    "lost, free": (4, lambda c, n, u: _free(c, n, u, 0)),
    "lost, refused": (4, lambda c, n, u: _refused(c, n, u, billed=False, told=False)),
}
"""How a call may end, how often, and what the gateway then did."""


class GatewayTruth:
    """The stand-in gateway's own books; they outlive every process.

    Some gateways keep a list of calls, under our keys or under none, and some keep none.
    """

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.deeds: dict[str, Deed] = {}
        self.script: list[str] = []
        self.takes_s: float | None = None
        self.has_left: Callable[[str], bool] = lambda _: True
        self.lists = chance.choice(["nothing", "nothing", "keys", "times"])

    def drawn(self, images: int, unit: int) -> Deed:
        """Draw what becomes of a call, unless a story says so."""
        weights = [often for often, _ in _KINDS.values()]
        kind = self.script.pop(0) if self.script else self.chance.choices([*_KINDS], weights)[0]
        deed = _KINDS[kind][1](self.chance, images, unit)
        deed.kind = kind
        return deed

    def told(self, call: CallId, billed: Money, *, by_hand: bool) -> None:
        """Hear what was booked for a call: by hand it may be wrong, by our list it must not."""
        if (deed := self.deeds.get(call)) is not None:
            deed.is_hidden = by_hand and deed.billed != billed.micros

    def usage(self, now: datetime) -> Usage | None:
        """List what was done; what is a minute old may not be there yet."""
        if self.lists == "nothing":
            return None
        rows = [row for call, deed in self.deeds.items() for row in self._rows(call, deed)]
        return Usage(tuple(row for row in rows if row.at is not None and row.at <= now), whole=True)

    def _rows(self, call: str, deed: Deed) -> Iterator[UsageRow]:
        if deed.has_neighbour:
            yield UsageRow(keys=frozenset(), model=deed.model, at=deed.at, billed=Money(1))
        keys = frozenset({call} if self.lists == "keys" else ())
        yield UsageRow(keys=keys, model=deed.model, at=deed.at, billed=Money(deed.billed))


class Gateway:
    """One process's way to the gateway.

    Args:
        truth: the gateway's books.
        fuse: burns at every step.
        clock: passes while the gateway works.
        unit: what a picture of a call was quoted at.
    """

    soft_s = 120.0

    def __init__(
        self, truth: GatewayTruth, fuse: Fuse, clock: Clock, unit: Callable[[CallId], int]
    ) -> None:
        self._truth = truth
        self._fuse = fuse
        self._clock = clock
        self._unit = unit

    async def paint(self, request: Request, key: CallId, into: Path) -> Painted:
        """Buy the pictures of one call."""
        truth, chance = self._truth, self._truth.chance
        deed = truth.drawn(request.images, self._unit(key))
        deed.model = request.model.id
        self._fuse.burn("gateway, before the first byte")
        demand(truth.has_left(key), f"C4: {key} leaves before SENT is committed")
        if deed.kind == "unreachable":
            await self._clock.sleep(chance.random() * 10)
            raise Unreachable("no route")
        demand(key not in truth.deeds, f"I6: {key} was sent twice")
        self._fuse.burn("gateway, half the request sent")
        deed.at, deed.has_neighbour = self._clock.now(), chance.random() < 0.2
        truth.deeds[key] = deed
        self._fuse.burn("gateway, billed and not answered")
        usual_s = chance.choice([0.5, 8, 40, 300]) * chance.random()
        await self._clock.sleep(usual_s if truth.takes_s is None else truth.takes_s)
        if not deed.answers:
            raise Unknown(chance.choice(list(Stage)), "silence")
        if deed.refused is not None:
            raise _refusal(deed, deed.refused)
        return self.arrive(deed, into)

    def arrive(self, deed: Deed, into: Path) -> Painted:
        """Let an answer arrive, picture by picture."""
        sketches = []
        for number, good in enumerate(deed.pictures, 1):
            name, data = f"{number}.png", (GOOD if good else BROKEN) + bytes([number])
            handle = os.open(into / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(handle, data)
            os.close(handle)
            digest = hashlib.sha256(data).hexdigest()
            sketches.append(Sketch(name=name, format="png", size_bytes=len(data), sha256=digest))
        self._fuse.burn("gateway, answered and not kept")
        told = None if deed.told is None else Money(deed.told)
        return Painted(sketches=tuple(sketches), billed=told)

    async def usage(self, since: datetime) -> Usage | None:  # noqa: ARG002 - it lists all there is
        """Ask for the list of calls."""
        self._fuse.burn("gateway, before the list of calls")
        return self._truth.usage(self._clock.now())


def _refusal(deed: Deed, failure: Failure) -> Exception:
    if deed.kind == "busy":
        return Throttled(None, "busy", explicit=True)
    refusal: Unspent = Rejected(_STATUS[failure], failure, "no")
    refusal.billed = None if deed.told is None else Money(deed.told)
    return refusal


def look(path: Path) -> Look | None:
    """Tell a picture from a broken one, as the imaging room does."""
    try:
        good = path.read_bytes().startswith(GOOD)
    except FileNotFoundError:
        return None
    return Look(format="png", width=8, height=8) if good else None


class DiscordTruth:
    """Which picture stands in which message; it outlives every process."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.messages: dict[tuple[JobId, int], int] = {}
        self.trouble = 0.04
        self._posts: Counter[tuple[JobId, int]] = Counter()

    def post(self, job: JobId, number: int) -> None:
        """Let a picture stand in a new message."""
        self._posts[job, number] += 1
        self.messages[job, number] = 1_000 + self._posts.total()
        demand(self._posts[job, number] == 1, f"{job} {number} stands twice")


class Courier:
    """One process's way to Discord."""

    def __init__(self, truth: DiscordTruth, fuse: Fuse) -> None:
        self._truth = truth
        self._fuse = fuse

    async def tell(self, job: Job, stage: courier.Stage) -> None:
        """Show a stage; nobody checks whether it was seen."""

    async def deliver(self, job: Job, *, again: bool) -> AsyncGenerator[Posted]:
        """Post what is spooled, message by message; look first when it may stand there."""
        truth, chance = self._truth, self._truth.chance
        for picture in job.pictures:
            if picture.state is not PictureState.SPOOLED:
                continue
            number = picture.number
            if chance.random() < truth.trouble:
                raise Undeliverable("no permission")
            self._fuse.burn("discord, before a post")
            if not (again and (job.id, number) in truth.messages):
                truth.post(job.id, number)
            self._fuse.burn("discord, posted and not told")
            if chance.random() < truth.trouble:
                raise Undeliverable("the answer was lost")
            yield Posted((number,), job.place.channel_id, truth.messages[job.id, number])

    async def conclude(self, job: Job) -> bool:  # noqa: ARG002 - what is said is not looked at
        """Tell how a job ended; False when nobody could be told."""
        self._fuse.burn("discord, before the end is told")
        return self._truth.chance.random() >= self._truth.trouble
