"""Everything a person can be told no about, as facts; `bot.chat.words` makes the sentences."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from bot.core.limits import PeriodKind, Scope
from bot.core.money import Money

if TYPE_CHECKING:
    from bot.core.order import Order


@dataclass(frozen=True, slots=True)
class PromptEmpty:
    """No letter a person could see."""


@dataclass(frozen=True, slots=True)
class PromptTooLong:
    """Counted in characters."""

    length: int
    accepted: int


@dataclass(frozen=True, slots=True)
class CountOutOfRange:
    """Fewer than 1 or more than `accepted` pictures."""

    given: int
    accepted: int


@dataclass(frozen=True, slots=True)
class TooManyVariants:
    """The lists in the prompt make more pictures than one order may have."""

    given: int
    accepted: int


@dataclass(frozen=True, slots=True)
class UnknownModel:
    """No enabled row has that id or label."""

    given: str
    accepted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The row does not take that value; `nearest` is the order that it would take."""

    option: str
    value: str
    model: str
    accepted: tuple[str, ...]
    nearest: "Order"


@dataclass(frozen=True, slots=True)
class NoReferences:
    """No enabled row works from pictures; `model` is the one that was chosen."""

    model: str


@dataclass(frozen=True, slots=True)
class TooManyReferences:
    """More pictures than the row works from at once."""

    given: int
    accepted: int
    model: str


@dataclass(frozen=True, slots=True)
class NoSuchPicture:
    """There are only `accepted` pictures, counted from 1."""

    given: int
    accepted: int


@dataclass(frozen=True, slots=True)
class PictureEmpty:
    """A file without a byte; `label` names the picture here and below."""

    label: str


@dataclass(frozen=True, slots=True)
class PictureTooLarge:
    """More bytes than are downloaded, or than the picture can be made to fit in."""

    label: str
    accepted_bytes: int


@dataclass(frozen=True, slots=True)
class PictureElsewhere:
    """Its link leads where nothing is downloaded from."""

    label: str


@dataclass(frozen=True, slots=True)
class PictureGone:
    """It was deleted, or its link has expired."""

    label: str


@dataclass(frozen=True, slots=True)
class PictureNotFetched:
    """It could not be got or looked at just now."""

    label: str


@dataclass(frozen=True, slots=True)
class NotAPicture:
    """Whatever its name says, its bytes are those of no format that is accepted."""

    label: str


@dataclass(frozen=True, slots=True)
class PictureMeasures:
    """Too small, too large or too narrow, in pixels."""

    label: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PictureDamaged:
    """Its bytes begin as a picture's, and can't be decoded with what that may take."""

    label: str


@dataclass(frozen=True, slots=True)
class NoPrice:
    """The catalogue gives no price for that size."""

    model: str
    size: str | None


class Shortage(StrEnum):
    """Why a limit does not allow an order: three cases that want different advice."""

    USED_UP = "used up"
    TIED_UP = "tied up in running jobs"  # waiting helps
    TOO_LARGE = "larger than the whole limit"  # waiting never helps


@dataclass(frozen=True, slots=True, kw_only=True)
class OverLimit:
    """The tightest scope that does not have `needed` left; `name` is the pool's if it is one's."""

    scope: Scope
    name: str = ""
    period: PeriodKind
    shortage: Shortage
    needed: Money
    limit: Money
    used: Money
    held: Money
    resets_at: datetime | None

    @property
    def left(self) -> Money:
        """Give what can still be held; never below zero, though a lowered limit may be."""
        return max(self.limit - self.used - self.held, Money(0))


@dataclass(frozen=True, slots=True)
class Blocked:
    """The scope is blocked outright; `name` is the pool's if it is one's."""

    scope: Scope
    name: str = ""


@dataclass(frozen=True, slots=True)
class TooManyJobs:
    """One person has `running` jobs open already."""

    running: int
    accepted: int


@dataclass(frozen=True, slots=True)
class TooManyUnknown:
    """Too many calls without an answer; `everyone` when the whole bot is at its cap."""

    accepted: int
    everyone: bool


@dataclass(frozen=True, slots=True)
class NotHere:
    """This server, or a place outside servers, is not on the operator's list."""


@dataclass(frozen=True, slots=True)
class MissingPermissions:
    """What the bot may not do in this channel, in Discord's own names."""

    permissions: tuple[str, ...]


class PauseReason(StrEnum):
    """Why the desk takes no orders for a while."""

    KEY_REFUSED = "the gateway refused the key"
    WALLET_EMPTY = "the wallet is empty"
    DISK_FULL = "the disk is full"
    OVERBILLED = "the gateway billed far too much for the model"
    CLOCK = "the bot's clock is wrong"
    STOPPING = "the bot is stopping"


@dataclass(frozen=True, slots=True)
class Paused:
    """The desk is closed to everybody."""

    reason: PauseReason


PictureProblem: TypeAlias = (
    PictureEmpty
    | PictureTooLarge
    | PictureElsewhere
    | PictureGone
    | PictureNotFetched
    | NotAPicture
    | PictureMeasures
    | PictureDamaged
)

Problem: TypeAlias = (
    PromptEmpty
    | PromptTooLong
    | CountOutOfRange
    | TooManyVariants
    | UnknownModel
    | Unsupported
    | NoReferences
    | TooManyReferences
    | NoSuchPicture
    | PictureProblem
    | NoPrice
    | OverLimit
    | Blocked
    | TooManyJobs
    | TooManyUnknown
    | NotHere
    | MissingPermissions
    | Paused
)


class Refused(Exception):
    """An order, or a change, that is not accepted; nothing was held."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem
