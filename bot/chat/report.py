"""Reports as a message: a few lines, a chart of them, and every entry as a file."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import discord
import structlog

from bot.chat import phrases, report_words
from bot.core.money import Money
from bot.core.report import Report, Shares, Span
from bot.imaging.charts import Bar, Chart, Charts, NoChart, Ranking
from bot.store.store import Store
from bot.studio.shelf import Shelf

log = structlog.get_logger(__name__)

T = TypeVar("T")

_MANY, _FEW = 6, 3  # lines of the lists of people and of the others


@dataclass(frozen=True, slots=True)
class Name:
    """What one is called: in a message, in a chart, and with plain letters only if need be."""

    shown: str
    label: str
    alias: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """Who or what took most, and in `rest` what the others took."""

    title: str
    lines: tuple[tuple[Name, Money], ...]
    rest: str

    def text(self) -> str:
        """Write it into a message, where Discord shows the names."""
        lines = (
            f"{place}. {name.shown} · {spent}" for place, (name, spent) in enumerate(self.lines, 1)
        )
        return "\n".join([f"**{self.title}**", *lines, *([f"-# {self.rest}"] * bool(self.rest))])

    def spoken(self) -> str:
        """Write it as a sentence."""
        lines = [f"{name.label} {spent}" for name, spent in self.lines]
        return f"{self.title}: {', '.join([*lines, *([self.rest] * bool(self.rest))])}."

    def ranking(self) -> Ranking:
        """Give it to a chart."""
        bars = (
            Bar(label=name.label, alias=name.alias, micros=spent.micros, amount=str(spent))
            for name, spent in self.lines
        )
        return Ranking(title=self.title, bars=tuple(bars), rest=self.rest)


async def report_parts(
    store: Store, charts: Charts, shelf: Shelf, guild: discord.Guild, span: Span
) -> tuple[str, list[discord.File]]:
    """Give the text and the files of a server's report; send them with no mention allowed."""
    report, sheet = await store.report(guild.id, span)
    name = f"report-{report.dates[0]}-to-{report.dates[-1]}"
    files: list[discord.File] = []
    if report.spent:
        lists = await lists_of(report, shelf, guild)
        picture = await _drawn(charts, chart_of(report, lists))
        said = [f"**{report.spent}** {report_words.about(report)}", report_words.outlook(report)]
        said += [each.text() for each in lists]
        if picture is None:
            said.append(report_words.NO_CHART)
        else:
            alt = report_words.alt_text(report, (each.spoken() for each in lists))
            files.append(discord.File(picture, f"{name}.png", description=alt))
    else:
        said = [report_words.nothing(report)]
    said.append(report_words.besides(report))
    if sheet is not None and report.entries and len(sheet) <= guild.filesize_limit:
        files.append(discord.File(io.BytesIO(sheet), f"{name}.csv"))
    elif report.entries:
        said.append(report_words.NO_SHEET)
    return "\n".join(filter(None, said)), files


async def lists_of(report: Report, shelf: Shelf, guild: discord.Guild) -> list[List]:
    """Name who and what took most, as this server calls them."""
    length = _FEW if report.pools else _MANY
    names = {key: await _name(guild, key) for key, _ in report.people[:length] if key is not None}
    labels = {model.id: model.label for model in shelf.catalogue.models}

    def person(key: int | None) -> Name:
        return names[key] if key is not None else Name(report_words.ERASED, report_words.ERASED)

    def channel(key: int) -> Name:
        found = guild.get_channel_or_thread(key)
        if found is None:
            return Name(report_words.DELETED, report_words.DELETED)
        return Name(found.mention, found.name)

    def model(key: str) -> Name:
        return _quoted(labels.get(key, key))

    lists = [
        _list(report_words.PEOPLE, report.people, length, person),
        _list(report_words.MODELS, report.models, _FEW, model),
        _list(report_words.CHANNELS, report.channels, _FEW, channel),
    ]
    if report.pools:
        lists.append(_list(report_words.POOLS, report.pools, _FEW, _quoted))
    return lists


def chart_of(report: Report, lists: Sequence[List]) -> Chart:
    """Put a report into the words and numbers of a chart."""
    forecast, limit, day_limit = report.forecast, report.limit, report.day_limit
    return Chart(
        headline=str(report.spent),
        lines=tuple(filter(None, (report_words.about(report), report_words.outlook(report)))),
        days=tuple(map(report_words.short_day, report.dates)),
        spent=tuple(amount.micros for amount in report.days),
        forecast=None if forecast is None else forecast.micros,
        limit=None if limit is None else limit.micros,
        day_limit=None if day_limit is None else day_limit.micros,
        legend=report_words.LEGEND,
        rankings=tuple(each.ranking() for each in lists),
    )


def _list(title: str, shares: Shares[T], length: int, named: Callable[[T], Name]) -> List:
    lines = tuple((named(subject), spent) for subject, spent in shares[:length])
    return List(title, lines, report_words.rest([spent for _, spent in shares[length:]]))


def _quoted(name: str) -> Name:
    return Name(phrases.quote(name), name)


async def _name(guild: discord.Guild, discord_id: int) -> Name:
    """Give what a person is called here, and their handle, which is in plain letters.

    Few members are known without the intent that lists them all; the others are asked for.
    """
    shown = f"<@{discord_id}>"
    try:
        member = guild.get_member(discord_id) or await guild.fetch_member(discord_id)
    except discord.HTTPException:
        return Name(shown, report_words.GONE)
    return Name(shown, member.display_name, member.name)


async def _drawn(charts: Charts, chart: Chart) -> io.BytesIO | None:
    try:
        return io.BytesIO(await charts.draw(chart))
    except NoChart as error:
        log.warning("no chart", reason=str(error))
        return None
