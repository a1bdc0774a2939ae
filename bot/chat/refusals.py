"""Why an order is refused, and what would help: one sentence for each problem."""

import math
from datetime import datetime
from typing import assert_never

from bot.chat import words
from bot.chat.phrases import inert, listed, megabytes, pictures, quote, relative
from bot.core import problems
from bot.core.limits import ScopeKind
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
            return words.NO_PICTURE_THERE
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
        case problems.Blocked(scope=scope) if scope == words.OUTSIDE:
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
_PAUSED = {
    PauseReason.KEY_REFUSED: f"{words.KEY_REFUSED} Nothing was held.",
    PauseReason.WALLET_EMPTY: f"{words.WALLET_EMPTY} Nothing was held.",
    PauseReason.DISK_FULL: "The bot's disk is full, so it could not keep your pictures. Nothing "
    "was held.",
    PauseReason.OVERBILLED: "The image service billed far too much for this `model`, so I don't "
    "order it for an hour; another one may do. Nothing was held.",
    PauseReason.CLOCK: "The bot's clock is wrong, so it can't tell which day your order counts "
    "for; its operator must set it. Nothing was held.",
    PauseReason.STOPPING: "The bot is about to restart; please try again in a minute.",
}


def _over_limit(problem: OverLimit, *, single: bool) -> str:
    every = words.EVERY[problem.period]
    limit = f"{words.the_limit(problem.scope, problem.name)} of {problem.limit} {every}"
    needs, has = f"This needs {problem.needed}", f"has {problem.left} left"
    match problem.shortage:
        case Shortage.TOO_LARGE:
            return f"{needs}, more than {limit}, which {has}. {_too_large(problem, single=single)}"
        case Shortage.TIED_UP:
            held = f"{problem.held} is tied up in running orders"
            return f"{needs} and {limit} {has}, because {held}. Waiting for them may help."
        case Shortage.USED_UP:
            return f"{needs} and {limit} {has}.{words.again(problem.resets_at)}"
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
