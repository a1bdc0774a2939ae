"""A second, much simpler account of the money: what random runs are compared with."""

from dataclasses import dataclass, field

from bot.core.states import CallState

_ABSURD = 20


@dataclass(kw_only=True)
class ModelPicture:
    number: int
    share: int
    refunded: bool = False


@dataclass(kw_only=True)
class ModelCall:
    id: str
    job: str
    person: int
    frames: frozenset[tuple[str, str]]
    images: int
    unit: int
    state: CallState = CallState.HELD
    charged: int = 0
    gateway: int = 0
    exposure: int = 0
    was_sent: bool = False
    pictures: list[ModelPicture] = field(default_factory=list)

    @property
    def hold(self) -> int:
        return self.unit * self.images

    @property
    def refunded(self) -> int:
        return sum(picture.share for picture in self.pictures if picture.refunded)

    @property
    def is_open(self) -> bool:
        return self.state in {CallState.HELD, CallState.SENT, CallState.UNKNOWN}

    def reconcile(self, billed: int) -> None:
        """Learn what it cost, of which no answer tells."""
        if self.state is CallState.UNKNOWN:
            self.gateway = billed
            self.state = CallState.SETTLED if billed else CallState.RELEASED
        elif not self.is_open and self.was_sent:
            self.gateway, self.exposure = billed, 0

    def answer(self, billed: int | None, came: int, usable: int, last: int) -> None:
        """Take an answer; `last` is the highest picture number of its job."""
        known = None if billed is None or billed > _ABSURD * self.hold else billed
        supposed = self.unit * came if came or billed is None else self.hold
        fresh = usable if not self.pictures else 0
        charged = 0
        if self.is_open:
            self.gateway = known if known is not None else supposed
            charged = min(self.gateway, self.unit * usable, self.hold)
            self.state = CallState.SETTLED if usable or self.gateway else CallState.RELEASED
            self.charged = charged
        elif known is not None:
            self.gateway, self.exposure = known, 0
        elif self.state is CallState.RELEASED and not self.gateway and (fresh or self.exposure):
            self.gateway, self.exposure = supposed, 0 if supposed else self.exposure
        self.pictures += [
            ModelPicture(
                number=last + index + 1,
                share=charged * (index + 1) // fresh - charged * index // fresh,
            )
            for index in range(fresh)
        ]


@dataclass
class Model:
    calls: list[ModelCall] = field(default_factory=list)
    jobs: dict[str, str] = field(default_factory=dict)

    def last_picture(self, job: str) -> int:
        return sum(len(call.pictures) for call in self.calls if call.job == job)

    def balances(self) -> dict[tuple[str, str], tuple[int, int]]:
        sums: dict[tuple[str, str], tuple[int, int]] = {}
        for call in self.calls:
            for frame in call.frames:
                held, used = sums.get(frame, (0, 0))
                held += call.hold if call.is_open else 0
                paid = call.charged - call.refunded
                wallet = call.gateway + call.exposure
                sums[frame] = (held, used + (wallet if frame[0] == "operator" else paid))
        return sums
