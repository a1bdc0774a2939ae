"""The bulletin: what managers read in the budget channel, and what askers hear of it."""

from bot.chat import phrases, refusals, words
from bot.core.limits import Allowance, ScopeKind
from bot.core.money import Money
from bot.core.problems import OverLimit, Problem
from bot.store.alerts import MARKS, Alert
from bot.store.asks import Ask, AskState, Verdict

_PROMPT_SHOWN = 300
_REASON_SHOWN = 200

ASKED = (
    "I have asked the managers of this server. You will read here what they say, or be mentioned "
    "in this channel."
)
ASKED_HERE = (
    "I have asked in this channel, since no channel for budgets is set that I can post in. You "
    "will read here what the managers say, or be mentioned."
)
NOT_ASKED = "I could not ask: I may post neither in the budget channel nor here."
TOO_MANY = "You have several wishes waiting already. Please wait for what the managers say."
ASK_GONE = "This is too old, or was withdrawn. Please order again."
DECIDED = "Somebody was quicker: this wish is decided."
NO_LONGER = (
    "That limit is not in the way of their order any more, so nothing was changed. They can order "
    "again."
)
BAD_AMOUNT = "The amount takes dollars like `5` or `1.50`, up to six decimals."

_BEFORE = {
    AskState.APPROVED: "You have asked for this already, and it was granted. Please order again.",
    AskState.RAISED: "You have asked for this already, and the limit was raised. Please order "
    "again.",
    AskState.DECLINED: "You have asked for this already, and it was declined.",
}


def asked_before(wish: Ask | None) -> str:
    """Say what became of a wish that is made again; None is too old to know."""
    if wish is None:
        return ASK_GONE
    if wish.verdict is None:
        return "You have asked for this already; the managers have not decided yet."
    return _BEFORE[wish.verdict.state]


def wish(
    ask: Ask, model: str, problem: OverLimit, *, public: bool = False, unread: int | None = None
) -> str:
    """Ask the managers: who, what, at which price, and what stands in the way.

    Args:
        ask: the wish; of a private order the prompt is nobody else's business.
        model: the label of the row that paints.
        problem: why the order does not fit.
        public: whether everybody reads it, who then reads of no limit's amounts.
        unread: the budget channel, if the bot can't post there.
    """
    order, who = ask.order, f"<@{ask.payer.discord_id}>"
    what = f"{phrases.pictures(order.count)} with {model}, for {problem.needed} at most"
    shown = phrases.inert(phrases.cut(order.prompt, _PROMPT_SHOWN))
    lines = [
        f"{who} asks for more: {what}.",
        "> *a private order*" if order.private else f"> {shown}",
        _in_the_way(problem, public=public),
    ]
    if ask.reason:
        lines.append(f"Reason: {_reason(ask.reason)}")
    if unread is not None:
        lines.append(f"-# I can't post in <#{unread}>: I need View Channel and Send Messages.")
    elif public:
        lines.append("-# Managers: `/budget alerts` chooses a channel of yours for such wishes.")
    return "\n".join(lines)


def _in_the_way(problem: OverLimit, *, public: bool) -> str:
    limit = phrases.capital(words.the_limit(problem.scope, problem.name, told="their"))
    if public:
        return f"{limit} does not allow it. Managers see what is left with View usage."
    spent = f"{problem.used} used, {problem.held} held, {problem.left} left"
    again = words.again(problem.resets_at)
    return f"{limit} of {problem.limit} {words.EVERY[problem.period]}: {spent}.{again}"


def verdict(ask: Ask, said: Verdict, *, ordered: bool, public: bool) -> str:
    """Tell managers what was decided, in the line that stands below the wish from then on.

    Where the public reads it too, it tells no limit.
    """
    by = f"by <@{said.actor}>" + (f" {phrases.relative(said.at)}" if said.at else "")
    match said.state:
        case AskState.DECLINED:
            return f"**Declined** {by}.{f' Reason: {_reason(said.reason)}' if said.reason else ''}"
        case AskState.RAISED:
            shown = None if public else said.limit
            to = f" to {words.limit_text(shown, ask.period)}" if shown else ""
            done = f"**Raised{to}** {by}."
        case _:
            done = f"**Approved once** {by}."
    return done if ordered else f"{done} The order did not start."


def granted(outcome: str) -> str:
    """Tell the asker that more is allowed now, but that they have to order themselves."""
    return f"More is allowed now, as you wished. {outcome}"


ORDER_AGAIN = "Please order again: a private order can't start without you."


def declined(reason: str) -> str:
    """Tell the asker that a manager said no."""
    return f"Your wish for more was declined.{f' Reason: {_reason(reason)}' if reason else ''}"


def undecided(ask: Ask, problem: Problem) -> str:
    """Tell a manager why nothing is decided."""
    if isinstance(problem, OverLimit):
        limit = words.the_limit(problem.scope, problem.name, told="their")
        return (
            f"That is too little, so nothing was changed: the order needs {problem.needed}, and "
            f"{limit} would have {problem.left} left."
        )
    told = f"<@{ask.payer.discord_id}> would read: {refusals.explain(problem)}"
    return f"Nothing is decided: the order could not start. {told}"


def not_ordered(discord_id: int, told: str) -> str:
    """Tell a manager what kept the order from starting, in the words of the one who reads it."""
    return f"That is done, but the order could not start. <@{discord_id}> reads: {told}"


def to_raise(each: Allowance, asker: str | None) -> str:
    """Tell in a form, which has little room, whose limit it raises and what that is now."""
    who = asker or "the asker"
    limit = each.limit - each.granted if isinstance(each.limit, Money) else each.limit
    whose = phrases.capital(_WHOSE_TO_RAISE[each.scope.kind].format(who=who, name=each.name))
    granted = f", plus {each.granted} granted to {who}" if each.granted else ""
    now = f"{whose} is {words.limit_text(limit, each.period.kind)}{granted}."
    told = f"{now} Filled in: the least needed."
    return told if len(told) <= _HINT_MAX else phrases.cut(now, _HINT_MAX)


_HINT_MAX = 100  # letters that Discord takes
_WHOSE_TO_RAISE = {
    ScopeKind.PERSON: "{who}'s limit",
    ScopeKind.MEMBER: "each member's part of {name}",
    ScopeKind.POOL: "the limit of {name}",
    ScopeKind.CHANNEL: "that channel's limit",  # the wish names it; a form shows no links
    ScopeKind.SERVER: "this server's limit",
}


def alert(due: Alert) -> str:
    """Tell that a limit is used up to a mark; the last one is due too when an order did not fit."""
    now = due.allowance
    limit = words.the_limit(now.scope, now.name)
    limit = f"{limit} of {words.limit_text(now.limit, now.period.kind)}"
    spent = f"{now.used} used, {now.held} held"
    if due.percent < MARKS[-1]:
        head = f"{due.percent} % of {limit} is used"
    elif now.left:
        head, spent = f"An order did not fit into {limit}", f"{spent}, {now.left} left"
    else:
        head = f"{phrases.capital(limit)} is used up"
    return f"{head}: {spent}.{words.again(now.period.ends_at)}"


def _reason(text: str) -> str:
    return phrases.inert(phrases.cut(text, _REASON_SHOWN))
