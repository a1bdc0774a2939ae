"""What reports say, in the chart, beside it, and to who can't see it."""

from collections.abc import Iterable, Sequence
from datetime import date

from bot.chat import phrases, words
from bot.core.money import ZERO, Money, total
from bot.core.report import Report

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
PEOPLE, MODELS, CHANNELS, POOLS = "People", "Models", "Channels", "Pools"
LEGEND = "so far", "at this pace", "limit", "by day", "limit a day"
ERASED = "people who had their data deleted"
GONE = "somebody who left"
DELETED = "a deleted channel"
NO_CHART = "The chart could not be drawn; please try again."
NO_SHEET = "There are too many entries for one file here; a week has fewer than a month."

_CENT = 10_000
_ALT_MAX = 1024  # letters that Discord takes


def day(of: date) -> str:
    """Write a day as one says it: 17 August."""
    return f"{of.day} {MONTHS[of.month - 1]}"


def days(report: Report) -> str:
    """Write which days a report is about: 1 to 31 August 2026."""
    first, last = report.dates[0], report.dates[-1]
    same = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same else day(first)} to {day(last)} {last.year}"


def short_day(of: date) -> str:
    """Label a day under a chart: 17 Aug."""
    return f"{of.day} {MONTHS[of.month - 1][:3]}"


def about(report: Report) -> str:
    """Say what the amount is."""
    return f"spent {report.span} · {days(report)} · {phrases.pictures(report.pictures)}"


def nothing(report: Report) -> str:
    """Say that there is nothing to draw."""
    return f"Nothing was spent {report.span} ({days(report)})."


def outlook(report: Report) -> str:
    """Say where it leads; empty when the period is over or has only begun."""
    limit, forecast = report.limit, report.forecast
    named = limit and f"the limit of {words.limit_text(limit, report.span.kind)}"
    if limit is not None and report.spent >= limit:
        return f"All of {named} is used up."
    if report.runs_out is not None:
        return f"At this pace {named} is used up on {day(report.runs_out)}."
    if forecast is not None:
        within = f", within {named}" if named else ""
        return f"At this pace about {_cents(forecast)} by {day(report.dates[-1])}{within}."
    return f"It counts towards {named}." if named else ""


def rest(amounts: Sequence[Money]) -> str:
    """Add up what a list leaves out: "12 more: $3.20"; empty when that is nothing."""
    return f"{len(amounts)} more: {total(amounts)}" if amounts else ""


def besides(report: Report) -> str:
    """Tell what the operator paid or may have to; empty when that is nothing."""
    parts = []
    if report.operator > ZERO:
        parts.append(f"{report.operator} for refunds and bills above quotes or without pictures")
    if report.exposure > ZERO:
        parts.append(f"perhaps {report.exposure} for orders that got no answer")
    return f"-# Not in there: the bot's operator paid {phrases.listed(parts)}." if parts else ""


def alt_text(report: Report, lists: Iterable[str]) -> str:
    """Tell the chart to who can't see it; `lists` say who and what took most."""
    dearest = max(zip(report.dates, report.days, strict=False), key=lambda pair: pair[1])
    parts = [
        f"Chart of a report: {report.spent} {about(report)}.",
        outlook(report),
        f"The dearest day was {day(dearest[0])} with {dearest[1]}.",
        *lists,
    ]
    return phrases.cut(" ".join(part for part in parts if part), _ALT_MAX)


def _cents(amount: Money) -> Money:
    """Round up: a forecast has no use for less than cents."""
    return Money(-(-amount.micros // _CENT) * _CENT)
