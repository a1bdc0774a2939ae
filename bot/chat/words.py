"""What people read about orders, limits and receipts; why one is refused: `refusals`."""

from datetime import datetime

from bot.chat.phrases import capital, cut, inert, pictures, quote, relative
from bot.core.catalogue import Model
from bot.core.job import Failure, Job
from bot.core.limits import DIRECT, Allowance, Limit, PeriodKind, Rule, Scope, ScopeKind
from bot.core.money import Money
from bot.core.order import Order
from bot.core.problems import Unsupported
from bot.store.views import Receipt
from bot.studio.ways_out import WayOut

ASPECTS = {"1:1": "Square", "16:9": "Wide", "9:16": "Phone", "4:3": "Landscape", "3:4": "Portrait"}

WENT_WRONG = (
    "Something went wrong on my side, and I could not finish this. If it keeps happening, tell the "
    "bot's operator the incident `{incident}`."
)
MAINTENANCE = (
    "I am paused for maintenance, because my database can't be used right now. Nothing was held or "
    "changed; please try again later."
)
SHOWN_HERE = "I could not post in the channel, so the pictures are here, for you only."
NO_LONGER_VALID = "This form or button is no longer valid. Please start again."
COMMAND_CHANGED = "This command has changed. Please reload Discord and try again."
NOT_THERE = "What you picked is not there any more, or can't be used for this. Please pick again."
NO_OWN_LIMIT = "**No limit of your own**: your team or event pays."
NO_OWN_LIMIT_OF = "**No limit of their own**: their team or an event pays."
NO_ORDERS_OF_YOURS = "You have not ordered anything yet. Try `/imagine`."
NO_ORDERS = "Nothing was ordered yet."
PRIVATE = "private"
OFFER_USED = "This offer was already taken. For more pictures, please order again."
NO_PICTURE_THERE = "There is no picture in that message. PNG, JPEG and WebP files can be edited."
WHY = "Why?"
ORDER = "Order"
WOULD_FIT = "It fits what you have left now."
MANAGERS_ONLY = (
    "Budgets are for people with the Manage Server permission or the server's budget role. "
    "`/quota` shows your own."
)

OUTSIDE = Scope(ScopeKind.SERVER, DIRECT)

WHOSE = {
    ScopeKind.PERSON: "your limit",
    ScopeKind.MEMBER: "your part of {name}",
    ScopeKind.POOL: "the limit of {name}",
    ScopeKind.CHANNEL: "the limit of <#{subject}>",
    ScopeKind.SERVER: "this server's limit",
    ScopeKind.OPERATOR: "this bot's limit",
}


def the_limit(scope: Scope, name: str, *, told: str = "your") -> str:
    """Name a limit: a pool's by its name, a channel's as a link, a person's own as `told` to."""
    if scope == OUTSIDE:
        return "the limit of all places outside servers"
    text = WHOSE[scope.kind].replace("your", told)
    return text.format(name=inert(name), subject=scope.subject)


_SHARED = {
    ScopeKind.POOL: "{name}, everybody together",
    ScopeKind.CHANNEL: "<#{subject}>",
    ScopeKind.SERVER: "This server",
    ScopeKind.OPERATOR: "This bot, in all servers together",
}


def shared(each: Allowance) -> str:
    """Name whose limit it is that several people share."""
    if each.scope.server == DIRECT:
        return "Everybody, outside of servers"
    whose = _SHARED[each.scope.kind].format(name=inert(each.name), subject=each.scope.subject)
    return capital(whose)  # events have a name that begins small


def _by_period(*words: str) -> dict[PeriodKind, str]:
    return dict(zip(PeriodKind, words, strict=True))


DAILY = _by_period("Daily", "Weekly", "Monthly", "Total")
EVERY = _by_period("a day", "a week", "a month", "in total")
THIS = _by_period("today", "this week", "this month", "in total")


def raise_limit(period: PeriodKind) -> str:
    """Name a form for a new limit: "Raise the daily limit"."""
    return f"Raise the {DAILY[period].lower()} limit"


KEY_REFUSED = "The image service refused the bot's key; its operator must mend that."
WALLET_EMPTY = "The shared wallet at the image service is empty; this is not your own limit."


def again(resets_at: datetime | None) -> str:
    """Say when a limit starts again, as a sentence to go on with; nothing if it never does."""
    return f" It starts again {relative(resets_at)}." if resets_at else ""


def failed(failure: Failure | None, held: Money, *, show_price: bool = True) -> str:
    """Say why a call brought no picture, and what that means for the money still held for it."""
    if failure is Failure.UNANSWERED and held:
        what = f"Up to {held}" if show_price else "Its price"
        return (
            f"The image service did not answer. {what} stays held until we know; you are not "
            "charged unless pictures arrive."
        )
    return f"{_FAILED[failure or Failure.INVALID]} Nothing was charged for it."


_FAILED = {
    Failure.FILTERED: "The image service's safety filter let no picture through.",
    Failure.INVALID: "The image service did not accept the order.",
    Failure.KEY_REFUSED: KEY_REFUSED,
    Failure.WALLET_EMPTY: WALLET_EMPTY,
    Failure.MODEL_REFUSED: "The bot's key may not use this model.",
    Failure.BUSY: "The image service is too busy right now; please try again in a minute.",
    Failure.UNREACHABLE: "The image service could not be reached; please try again.",
    Failure.UNANSWERED: "The image service did not answer.",
    Failure.UNUSABLE: "The image service sent something that is no picture.",
    Failure.UNKEPT: "Your pictures came, but I could not keep them: my disk is full or broken.",
    Failure.LOST: "The image service says that it made this, but its answer never reached me.",
    Failure.NO_ROOM: "My disk is too full to keep what you ordered, so nothing was sent.",
    Failure.NO_REFERENCE: "A picture that your order works from is not there any more, so nothing "
    "was sent; please order again with it.",
    Failure.INTERRUPTED: "Your order was stopped before it was sent; please order again.",
    Failure.CANCELLED: "Cancelled.",
}


def reason(failure: Failure) -> str:
    """Say in one sentence why a call brought no picture."""
    return _FAILED[failure]


def money_of(job: Job) -> str:
    """Account for an order: "charged $0.12, $0.04 returned"."""
    parts = [f"charged {job.charged}"]
    if returned := quoted(job) - job.charged - job.held:
        parts.append(f"{returned} returned")
    if job.held:
        parts.append(f"{job.held} still held")
    return ", ".join(parts) + paid_by(job)


def quoted(job: Job) -> Money:
    """Add up the most that an order could cost."""
    return job.unit_price * sum(call.images for call in job.calls)


def paid_by(job: Job) -> str:
    """Name the team or event that pays, if one does."""
    return f", paid by {inert(job.paid_by)}" if job.paid_by else ""


def no_receipt(number: str) -> str:
    """Say that there is none; no more, as others' receipts are nobody's business."""
    return f"You have no receipt {quote(number, 40)}. `/quota` shows your last ones."


def receipt_choice(own: Receipt) -> str:
    """Name one of a person's own orders in a list."""
    return cut(f"{own.job}{BETWEEN}{own.charged}{BETWEEN}{' '.join(own.prompt.split())}", 100)


def source(each: Allowance) -> str:
    """Say where a person's own limit was set."""
    came = each.source
    if came is None:
        where = "what holds until a manager sets it"
    elif came.kind is ScopeKind.ROLE:
        where = f"set for the role <@&{came.subject}>"
    else:
        where = _SOURCES[came.kind].format(name=each.name)
    granted = f", {each.granted} of it granted" if each.granted else ""
    return f"-# {where}{granted}"


_SOURCES = {
    ScopeKind.PERSON: "set for you",
    ScopeKind.MEMBERS: "set for each person of this server",
    ScopeKind.CAP: "each person's part of {name}",
}


def way_out(way: WayOut, wanted: Order) -> str:
    """Label the button that orders what fits, with the most it can cost."""
    order = way.order
    if order.count != wanted.count:
        return f"{pictures(order.count)} for {way.price}"
    what = way.model.label if order.model != wanted.model else order.size
    return cut(f"{order.count} × {what}", _LABEL_MAX - 20) + f" for {way.price}"  # noqa: RUF001 - the sign


_LABEL_MAX = 80  # Discord's


def offer(problem: Unsupported) -> str:
    """Label the button that orders the nearest combination there is."""
    value = getattr(problem.nearest, problem.option)
    return f"Use {value} instead" if value else f"Order without {problem.option}"


def limit_text(limit: Limit, kind: PeriodKind) -> str:
    """Write a limit: "$5.00 a week", "unlimited a day", or "blocked (monthly limit)"."""
    if limit is Rule.BLOCKED:  # for however long; the kind only tells which one to unset
        return f"blocked ({DAILY[kind].lower()} limit)"
    return f"{plain(limit)} {EVERY[kind]}"


def queued(ahead: int) -> str:
    """Say how long the line is."""
    return f"Waiting in line, {ahead} ahead of you." if ahead else "Waiting in line: you are next."


def painting(since: datetime, usual_s: float | None) -> str:
    """Say since when the image service paints, and how long it usually takes."""
    usual = f" It usually takes about {max(1, round(usual_s))} s." if usual_s else ""
    return f"Painting, started {relative(since)}.{usual}"


def late(since: datetime, held: Money, *, show_price: bool = True) -> str:
    """Say that the image service takes unusually long, and what is held meanwhile."""
    what = str(held) if show_price else "its price"
    return (
        f"Painting, started {relative(since)}: unusually long ago. I keep waiting for the answer; "
        f"{what} stays held until it comes."
    )


def about(ordered_at: datetime) -> str:
    """Begin news of an order that somebody may have forgotten."""
    return f"About what you ordered {relative(ordered_at)}:"


NOT_OVER = "Something went wrong on my side, so this is not finished yet. I keep trying."


def done(arrived: int, count: int, jump_url: str | None) -> str:
    """Say how many pictures arrived, and where."""
    of = f" of {count}" if arrived < count else ""
    return f"Done: {pictures(arrived)}{of}. {jump_url or ''}".rstrip()


def waiting(count: int) -> str:
    """Say that paid pictures are safe though they can't be posted."""
    return (
        f"{pictures(count)} can't be posted right now. I keep trying for three days; "
        "what can't be posted by then is paid back."
    )


def aspect(ratio: str) -> str:
    """Name a shape: "16:9 Wide"."""
    return f"{ratio} {ASPECTS[ratio]}" if ratio in ASPECTS else ratio


BETWEEN = " · "  # no label has it


def model_choice(model: Model, price: Money, left: Money | None) -> str:
    """Name a model with its price, and what this person can afford; None is unlimited."""
    name = f"{model.label}{BETWEEN}{_at_most(model)}{price} each"
    return name if left is None else f"{name}{BETWEEN}you can afford {left // price}"


def _at_most(model: Model) -> str:
    return "at most " if model.price_assumed else ""


def price(model: Model, of_one: Money) -> str:
    """Tell what a picture costs."""
    return f"{model.label}: {_at_most(model)}{of_one} a picture"


def plain(limit: Limit | None) -> str:
    """Write a limit without its period: "$5.00", "blocked" or "not set"."""
    return "not set" if limit is None else limit.value if isinstance(limit, Rule) else str(limit)
