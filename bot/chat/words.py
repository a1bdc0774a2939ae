"""Every sentence a person reads, in one place and one tone."""

import math
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from discord.utils import escape_markdown

from bot.core import problems
from bot.core.catalogue import Model
from bot.core.job import Failure, Job
from bot.core.limits import DIRECT, Allowance, Limit, PeriodKind, Rule, Scope, ScopeKind
from bot.core.money import Money
from bot.core.order import Order
from bot.core.problems import (
    OverLimit,
    PauseReason,
    PictureProblem,
    Problem,
    Shortage,
    Unsupported,
)
from bot.imaging.measures import (
    PIXELS_MAX,
    PIXELS_MAX_INTERLACED,
    RATIO_MAX,
    SIDE_MAX,
    SIDE_MIN,
)
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


_OUTSIDE = Scope(ScopeKind.SERVER, DIRECT)
_BILLION = 10**9


def explain(  # noqa: C901, PLR0911, PLR0912 - one arm per problem
    problem: Problem,
    *,
    outside: bool = False,
    single: bool = False,
    event_ends: datetime | None = None,
) -> str:
    """Say why not, and what would help; the first sentence names the option or the limit.

    Args:
        problem: what stands in the way.
        outside: whether it is told where everybody may read it, who then reads of no amounts.
        single: whether one picture was ordered, and no fewer can be.
        event_ends: when the event ends whose limit it is, if it is one's.
    """
    if isinstance(problem, PictureProblem):
        return _picture(problem)
    match problem:
        case problems.PromptEmpty():
            return "`prompt` is empty: say what you would like to see, in 1 to 4,000 characters."
        case problems.PromptTooLong(length=length, accepted=accepted):
            return f"`prompt` has {length:,} characters; {accepted:,} are accepted."
        case problems.CountOutOfRange(given=given, accepted=accepted):
            return f"`count` can be 1 to {accepted}, not {given}."
        case problems.TooManyVariants(given=given, accepted=accepted):
            many = f"{given:,}" if given < _BILLION else "more than a billion"
            return (
                f"The lists in `prompt` make {many} pictures with that `count`; {accepted} at a "
                "time are accepted."
            )
        case problems.UnknownModel(given=given, accepted=labels):
            return f"`model` can be {listed(labels, 'or')}, not {quote(given)}."
        case Unsupported(option=option, value=value, model=model, accepted=accepted):
            if not accepted:
                return f"{model} does not take the option `{option}`."
            return f"{model} does not take `{option}` {value}; it takes {listed(accepted)}."
        case problems.NoReferences(model=model):
            return f"{model} can't work from pictures, and neither can another enabled model."
        case problems.TooManyReferences(given=given, accepted=accepted, model=model):
            return f"{model} works from {pictures(accepted)} at most, and you gave {given}."
        case problems.NoSuchPicture(given=given, accepted=0):
            return NO_PICTURE_THERE
        case problems.NoSuchPicture(given=given, accepted=accepted):
            there = f"only {pictures(accepted)}" if accepted > 1 else "only one picture"
            return f"There is no picture {given}: that message shows {there}."
        case problems.NoPrice(model=model, size=size):
            at = f"`size` {size or 'unset'}"
            return f"I don't know what {model} costs at {at}, so I can't order it."
        case OverLimit():
            if outside:
                return OVER_LIMIT_OUTSIDE
            return _over_limit(problem, single=single) + _elsewhere(event_ends)
        case problems.Blocked(scope=scope) if scope == _OUTSIDE:
            return BLOCKED_OUTSIDE
        case problems.Blocked(scope=scope, name=name):
            return _BLOCKED[scope.kind].format(subject=scope.subject, name=inert(name))
        case problems.TooManyJobs(running=running):
            return f"You have {running} orders running. Please wait until one of them is done."
        case problems.TooManyUnknown(accepted=accepted, everyone=everyone):
            return _UNANSWERED_FOR_ALL if everyone else _UNANSWERED.format(calls=accepted)
        case problems.NotHere():
            return "I am not set up to paint in this server. The bot's operator can allow it."
        case problems.MissingPermissions(permissions=names):
            needs = f"I need {listed(names)}"
            return f"I can't post pictures in this channel: {needs}. Nothing was held."
        case problems.Paused(reason=reason):
            return _PAUSED[reason]
        case _:
            assert_never(problem)


def too_fast(times: int, per_s: int, wait_s: float) -> str:
    """Say how much is taken of one person, and when the next of it is."""
    left = math.ceil(wait_s)
    when = f"{left} seconds" if left > 1 else "a second"
    taken = f"{times} commands, presses and replies in {per_s} seconds"
    return f"I take {taken} from one person; try again in {when}."


_FORMATS = "PNG, JPEG or WebP"
_SMALLER = "a smaller JPEG or PNG may do."
_MEASURES = (
    f"each side can have {SIDE_MIN} to {SIDE_MAX:,}, one at most {RATIO_MAX} times the other, and "
    f"the whole {PIXELS_MAX // 10**6} million, or {PIXELS_MAX_INTERLACED // 10**6} million where "
    "the file is interlaced or progressive."
)


def _picture(problem: PictureProblem) -> str:  # noqa: C901, PLR0911, PLR0912 - as above
    name = quote(problem.label)
    match problem:
        case problems.PictureEmpty():
            return f"{name} is an empty file; I work from {_FORMATS} pictures."
        case problems.PictureTooLarge(accepted_bytes=accepted):
            return f"{name} is too large; {megabytes(accepted)} are accepted."
        case problems.PictureElsewhere():
            return f"{name} is not stored by Discord; please upload the picture itself."
        case problems.PictureGone():
            return f"{name} is not there any more; please upload it again."
        case problems.PictureNotFetched():
            return f"I could not get {name} just now; please try again."
        case problems.NotAPicture():
            return f"{name} is no {_FORMATS} picture, whatever it is named; I work from those only."
        case problems.PictureMeasures(width=width, height=height):
            return f"{name} has {width:,} × {height:,} pixels; {_MEASURES}"  # noqa: RUF001 - the sign
        case problems.PictureDamaged():
            return f"{name} can't be decoded: it is damaged, or takes too much memory; {_SMALLER}"
        case _:
            assert_never(problem)


OVER_LIMIT_OUTSIDE = "Your limit does not allow this order right now. `/quota` shows you why."
BLOCKED_OUTSIDE = (
    "I only paint in servers I am a member of: orders anywhere else are switched off for this bot."
)

_UNANSWERED = (
    "At least {calls} calls to the image service for your orders got no answer yet, so I take no "
    "new ones: for 24 hours at most, or until the bot's operator clears them up. Nothing was held."
)
_UNANSWERED_FOR_ALL = (
    "The image service has left too many orders unanswered, so I take no new ones until some are "
    "cleared up. Nothing was held."
)

_MANAGERS_CAN = "A manager of this server can change that."
_BLOCKED = {
    ScopeKind.PERSON: f"You may not order pictures here. {_MANAGERS_CAN}",
    ScopeKind.MEMBERS: f"You may not order pictures here. {_MANAGERS_CAN}",
    ScopeKind.ROLE: f"People with <@&{{subject}}> may not order pictures here. {_MANAGERS_CAN}",
    ScopeKind.CAP: f"Your part of {{name}} is blocked. {_MANAGERS_CAN}",
    ScopeKind.POOL: f"Pictures are switched off for {{name}}. {_MANAGERS_CAN}",
    ScopeKind.CHANNEL: f"Pictures are switched off in <#{{subject}}>. {_MANAGERS_CAN}",
    ScopeKind.SERVER: "Pictures are switched off in this server. A manager of it can change that.",
    ScopeKind.OPERATOR: "Pictures are switched off for now. The bot's operator can change that.",
}

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
    if scope == _OUTSIDE:
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


_KEY_REFUSED = "The image service refused the bot's key; its operator must mend that."
_WALLET_EMPTY = "The shared wallet at the image service is empty; this is not your own limit."
_PAUSED = {
    PauseReason.KEY_REFUSED: f"{_KEY_REFUSED} Nothing was held.",
    PauseReason.WALLET_EMPTY: f"{_WALLET_EMPTY} Nothing was held.",
    PauseReason.DISK_FULL: "The bot's disk is full, so it could not keep your pictures. Nothing "
    "was held.",
    PauseReason.OVERBILLED: "The image service billed far too much for this `model`, so I don't "
    "order it for an hour; another one may do. Nothing was held.",
    PauseReason.CLOCK: "The bot's clock is wrong, so it can't tell which day your order counts "
    "for; its operator must set it. Nothing was held.",
    PauseReason.STOPPING: "The bot is about to restart; please try again in a minute.",
}


def _over_limit(problem: OverLimit, *, single: bool) -> str:
    limit = f"{the_limit(problem.scope, problem.name)} of {problem.limit} {EVERY[problem.period]}"
    needs, has = f"This needs {problem.needed}", f"has {problem.left} left"
    match problem.shortage:
        case Shortage.TOO_LARGE:
            return f"{needs}, more than {limit}, which {has}. {_too_large(problem, single=single)}"
        case Shortage.TIED_UP:
            held = f"{problem.held} is tied up in running orders"
            return f"{needs} and {limit} {has}, because {held}. Waiting for them may help."
        case Shortage.USED_UP:
            return f"{needs} and {limit} {has}.{again(problem.resets_at)}"
        case _:
            assert_never(problem.shortage)


def _too_large(problem: OverLimit, *, single: bool) -> str:
    if problem.left and not single:
        return "Waiting does not help; a smaller order may."
    if problem.limit and problem.resets_at and not single:
        return f"A smaller order may fit when it starts again {relative(problem.resets_at)}."
    return "Waiting does not help."


def _elsewhere(event_ends: datetime | None) -> str:
    if event_ends is None:
        return ""
    return (
        " Other channels count towards your own limit or team, and so does this one once the event "
        f"ends {relative(event_ends)}."
    )


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
    Failure.KEY_REFUSED: _KEY_REFUSED,
    Failure.WALLET_EMPTY: _WALLET_EMPTY,
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


def relative(moment: datetime) -> str:
    """Let Discord show a moment from now, in the reader's own language."""
    return f"<t:{int(moment.timestamp())}:R>"


def listed(words: Iterable[str], joint: str = "and") -> str:
    """Join words as one reads them: "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} {joint} {last}" if first else last


def capital(text: str) -> str:
    """Begin a sentence with it."""
    return text[0].upper() + text[1:]


def more(count: int) -> list[str]:
    """Say how many a list leaves out, if it does."""
    return [f"…and {count} more"] if count > 0 else []


def pictures(count: int) -> str:
    """Count pictures: "1 picture", "4 pictures"."""
    return f"{count} picture" if count == 1 else f"{count} pictures"


def megabytes(size_bytes: int) -> str:
    """Write the size of a file: "20 MB", "0.7 MB"."""
    return f"{size_bytes / 2**20:.1f}".removesuffix(".0") + " MB"


def quote(text: str, length_max: int = 60) -> str:
    """Show outside text so that nothing in it acts: no mention, no markdown, no line break."""
    flat = " ".join(text.replace("`", "ˋ").split())  # noqa: RUF001 - a mark that ends no code
    return f"`{cut(flat, length_max) or ' '}`"


def inert(text: str) -> str:
    """Escape outside text so that it shows as typed: no mention, link, timestamp or emoji acts."""
    flat = " ".join(text.split())
    escaped = escape_markdown(flat, ignore_links=False)
    return (
        escaped.replace("@", "@\u200b").replace("<", "\\<").replace("://", ":\u200b//")
    )  # zero-width spaces: escaping alone does not stop links and @everyone


def cut(text: str, length_max: int) -> str:
    """Shorten with an ellipsis, and not inside of what reads as one letter."""
    if len(text) <= length_max:
        return text
    end = length_max - 1
    while end and (_continues(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return text[: end or length_max - 1].rstrip() + "…"


_JOINER = "\u200d"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


def _continues(letter: str) -> bool:
    return letter == _JOINER or letter in _SKIN_TONES or unicodedata.category(letter)[0] == "M"


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
