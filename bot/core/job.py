"""Jobs: accepted orders, their calls, pictures and bills."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.core.ids import CallId, JobId, PersonId, number_of
from bot.core.money import Money, total
from bot.core.order import Order, Origin, prompt_of
from bot.core.states import OPEN, CallState, PictureState


@dataclass(frozen=True, slots=True)
class Payer:
    """Who orders, and the roles that they have where they order."""

    discord_id: int
    roles: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an order came from and its pictures go; a thread counts for the channel it is in.

    `message_id` is the person's message that asked, for orders that came by one.
    """

    server_id: int | None
    channel_id: int
    parent_id: int | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """The interaction's answer that a job may still edit; its token dies after 15 minutes."""

    application_id: int
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """An order at the desk: who pays, where it came from, and what it may cost at most.

    `key` is the Discord interaction or message that caused it; the same key is the same job.
    """

    key: str
    payer: Payer
    place: Place
    order: Order
    calls: tuple[int, ...]
    unit_price: Money
    acknowledgement: Acknowledgement | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the desk hands out: the job and what is held for it."""

    job: JobId
    calls: tuple[CallId, ...]
    held: Money
    fresh: bool  # False when the same key was admitted before


def jump_url(server_id: int | None, channel_id: int | None, message_id: int | None) -> str | None:
    """Lead to a message; None where there is none."""
    if message_id is None:
        return None
    return f"https://discord.com/channels/{server_id or '@me'}/{channel_id}/{message_id}"


class Failure(StrEnum):
    """Why a call brought no picture; kept with the call, so that it can be told later too."""

    FILTERED = "filtered"  # answered, paid or not, without a picture
    INVALID = "invalid"  # 400, 404, 405, 413, 415, 422
    KEY_REFUSED = "key refused"  # 401, redirects and other misconfiguration
    WALLET_EMPTY = "wallet empty"  # 402
    MODEL_REFUSED = "model refused"  # 403
    BUSY = "busy"  # 429, 503
    UNREACHABLE = "unreachable"  # never left
    UNANSWERED = "unanswered"  # left, no trustworthy answer
    UNUSABLE = "unusable"  # answered with bytes that are no picture
    UNKEPT = "unkept"  # answered with pictures that our own disk did not take
    LOST = "lost"  # billed, as was found out later, and no answer came
    NO_ROOM = "no room"  # our own disk was too full to send anything
    NO_REFERENCE = "no reference"  # a picture to work from was gone, so nothing was sent
    INTERRUPTED = "interrupted"  # the bot stopped before anything was sent
    CANCELLED = "cancelled"  # by the person, before anything was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """One picture's bytes as they arrived, in a file of the call's folder.

    `format` is what the bytes are ("png", "jpeg", "webp"), whatever was asked for; None when
    they are none of these.
    """

    name: str
    format: str | None
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """The gateway's answer. `billed` is None when the bill was missing or no amount."""

    sketches: tuple[Sketch, ...]
    billed: Money | None
    created: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a picture really is, read from its own header."""

    format: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture of a job; `number` counts from 1 over all of its calls."""

    job: JobId
    call: CallId
    number: int
    name: str
    look: Look
    size_bytes: int
    sha256: str
    state: PictureState
    channel_id: int | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One gateway POST of a job."""

    id: CallId
    state: CallState
    images: int
    hold: Money
    charged: Money
    failure: Failure | None
    detail: str  # the gateway's own sentence about a failure; outside text


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a job was made from: the first job of its family, and the picture it continues.

    `story` is what was ordered on the way here, from the first job on, without what was private or
    stood in another channel.
    """

    root: JobId
    version: int
    parent: Origin
    story: tuple[Order, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An accepted order as the store remembers it.

    `paid_by` names the pool if one pays; `status_id` is our message that tells the stage, for an
    order that came by a message. The pictures of a `deleted` one only its person still sees.
    """

    id: JobId
    key: str
    person: PersonId
    discord_id: int | None  # None once the person was erased
    place: Place
    order: Order
    unit_price: Money
    created_at: datetime
    acknowledgement: Acknowledgement | None
    calls: tuple[Call, ...]
    pictures: tuple[Picture, ...]
    paid_by: str = ""
    lineage: Lineage | None = None
    status_id: int | None = None
    deleted: bool = False

    @property
    def held(self) -> Money:
        """Give what is reserved right now."""
        return total(call.hold for call in self.calls if call.state in OPEN)

    @property
    def charged(self) -> Money:
        """Give what the person paid so far."""
        return total(call.charged for call in self.calls)

    @property
    def is_over(self) -> bool:
        """Tell whether no call can bring more pictures by itself."""
        return not any(call.state in {CallState.HELD, CallState.SENT} for call in self.calls)


def once_more(job: Job, numbers: Collection[int] = (), count: int | None = None) -> Order:
    """Say what orders a job's pictures again: all of them, or one for each of these numbers.

    Of lists that were written out, every prompt gets the same share of `count`, one at least.
    """
    order = job.order
    named = [each for each in job.pictures if each.number in numbers]
    count = count or len(named) or order.count
    if not order.variants:
        return replace(order, count=count)
    prompts = [prompt_of(order, number_of(each.call), len(job.calls)) for each in named]
    variants = tuple(dict.fromkeys(prompts)) or order.variants
    if len(variants) == 1:
        return replace(order, prompt=variants[0], variants=(), count=count)
    return replace(order, variants=variants, count=len(variants) * max(1, count // len(variants)))
