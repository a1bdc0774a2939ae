"""Reports as managers get them: a few lines, a chart with words for it, and every entry."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import discord
import pytest
from PIL import Image

from bot.chat import report_words
from bot.chat.report import lists_of, report_parts
from bot.core.limits import PeriodKind, server_scope
from bot.core.money import ZERO, Money
from bot.core.report import Pace, Report, Span
from bot.imaging.charts import Charts
from bot.store import reports
from tests.flow.orders import ended, started
from tests.flow.world import World

DOLLAR = Money(1_000_000)
MONEY = Path(__file__).parents[2] / "docs" / "money.md"


async def reported(
    world: World, span: Span = Span.THIS_MONTH, charts: Charts | None = None
) -> tuple[str, list[discord.File]]:
    rooms = world.easel.rooms
    client = world.easel.client
    assert client is not None
    guild = client.get_guild(world.server_id)
    assert guild is not None
    return await report_parts(rooms.store, charts or Charts(), rooms.shelf, guild, span)


def entries(file: discord.File) -> list[dict[str, str]]:
    text = file.fp.read().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_nothing_spent_is_a_sentence(world: World) -> None:
    content, files = await reported(world)
    assert content.startswith("Nothing was spent this month (1 to ")
    assert files == []


async def test_it_tells_who_spent_what_in_words_in_a_chart_and_in_a_file(world: World) -> None:
    await world.store.set_limit(
        server_scope(world.server_id), PeriodKind.MONTH, DOLLAR * 50, int(world.ann.id)
    )
    first = await ended(world, await started(world, count=2))
    second = await ended(world, await started(world, world.ben))
    spent = first.job.charged + second.job.charged

    content, (chart, sheet) = await reported(world)

    assert content.startswith(f"**{spent}** spent this month · 1 to ")
    assert "3 pictures" in content
    assert "the limit of $50.00 a month" in content
    people = f"**People**\n1. {world.ann.mention} · {first.job.charged}\n2. {world.ben.mention}"
    assert people in content
    assert f"1. <#{world.discord.home.id}> · {spent}" in content
    assert "1. `Imagen 4` · " in content
    assert len(content) <= 2000

    assert chart.filename.endswith(".png")
    with Image.open(io.BytesIO(chart.fp.read())) as picture:
        assert picture.format == "PNG"
    assert chart.description is not None
    assert str(spent) in chart.description
    assert "People: Ann" in chart.description

    assert sheet.filename.endswith(".csv")
    rows = entries(sheet)
    assert sum(Money.parse(row["charged"]).micros for row in rows) == spent.micros
    assert {row["person"] for row in rows} == {world.ann.id, world.ben.id}


async def test_without_its_chart_it_still_tells_everything(world: World) -> None:
    await ended(world, await started(world))
    content, (sheet,) = await reported(world, charts=Charts(wall_s=0.01))
    assert report_words.NO_CHART in content
    assert world.ann.mention in content
    assert len(entries(sheet)) == 1


async def test_too_many_entries_for_a_file_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "LINES_MAX", 0)
    await ended(world, await started(world))
    content, (chart,) = await reported(world)
    assert report_words.NO_SHEET in content
    assert chart.filename.endswith(".png")


async def test_who_left_and_what_was_deleted_have_a_name_all_the_same(world: World) -> None:
    done = await ended(world, await started(world))
    assert done.job.charged
    client, server = world.easel.client, world.discord.home.server
    assert client is not None
    assert server is not None
    guild = client.get_guild(world.server_id)
    assert guild is not None
    guild._remove_channel(guild.get_channel(int(world.discord.home.id)))  # type: ignore[arg-type]  # it is there
    guild._members.pop(int(world.ann.id), None)
    del server.members[world.ann.id]

    content, (chart, _) = await reported(world)

    assert f"1. {world.ann.mention} · {done.job.charged}" in content
    assert "1. a deleted channel · " in content
    assert chart.description is not None
    assert f"People: {report_words.GONE} " in chart.description


async def test_pools_and_who_was_erased_are_listed_too(world: World) -> None:
    client = world.easel.client
    assert client is not None
    guild = client.get_guild(world.server_id)
    assert guild is not None
    one = report(
        people=((None, DOLLAR), (int(world.ben.id), DOLLAR), (4, ZERO), (5, ZERO)),
        pools=(("**Red**", DOLLAR),),
    )
    people, *_, pools = await lists_of(one, world.easel.rooms.shelf, guild)
    assert people.text() == (
        f"**People**\n1. {report_words.ERASED} · $1.00\n2. {world.ben.mention} · $1.00\n"
        "3. <@4> · $0.00\n-# 1 more: $0.00"
    )
    assert pools.text() == "**Pools**\n1. `**Red**` · $1.00"
    assert pools.spoken() == "Pools: **Red** $1.00."
    assert [bar.label for bar in people.ranking().bars] == [
        report_words.ERASED,
        "Ben",
        report_words.GONE,
    ]


def report(*, limit: Money | None = None, **changes: object) -> Report:
    now = datetime(2026, 6, 17, 12, tzinfo=UTC)
    spent = (DOLLAR,) * 16 + (Money(500_000),)
    base = Report(
        span=Span.THIS_MONTH,
        period=Span.THIS_MONTH.period(now, ZoneInfo("UTC")),
        days=spent,
        people=((7, DOLLAR),),
        models=(("painter", DOLLAR),),
        channels=((600, DOLLAR),),
        pools=(),
        entries=20,
        pictures=1,
        operator=ZERO,
        exposure=ZERO,
        limit=limit,
        day_limit=None,
        pace=Pace.of(spent, now, ZoneInfo("UTC")),
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # by field name


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (report(), "At this pace about $30.00 by 30 June."),
        (
            report(limit=DOLLAR * 40),
            "At this pace about $30.00 by 30 June, within the limit of $40.00 a month.",
        ),
        (
            report(limit=Money(20_200_000)),
            "At this pace the limit of $20.20 a month is used up on 21 June.",
        ),
        (report(limit=DOLLAR * 16), "All of the limit of $16.00 a month is used up."),
        (
            report(limit=DOLLAR * 40, pace=None),
            "It counts towards the limit of $40.00 a month.",
        ),
        (report(pace=None), ""),
    ],
)
def test_it_says_where_spending_leads(one: Report, sentence: str) -> None:
    assert report_words.outlook(one) == sentence


def test_days_read_as_one_says_them() -> None:
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    week = report(period=Span.THIS_WEEK.period(now, ZoneInfo("UTC")), days=(DOLLAR,))
    assert report_words.days(week) == "29 June to 5 July 2026"
    assert report_words.days(report()) == "1 to 30 June 2026"
    assert report_words.short_day(now.date() + timedelta(days=1)) == "2 Jul"


def test_what_the_operator_paid_is_told_apart() -> None:
    assert report_words.besides(report()) == ""
    told = report_words.besides(report(operator=Money(10_000), exposure=DOLLAR))
    assert "$0.01 for refunds and bills above quotes or without pictures" in told
    assert "perhaps $1.00 for orders that got no answer" in told


def test_the_words_for_a_chart_are_short_enough() -> None:
    told = report_words.alt_text(report(), ["People: " + "x" * 2000])
    assert "The dearest day was 1 June with $1.00." in told
    assert len(told) <= 1024


def test_the_document_tells_every_column_and_the_longest_file() -> None:
    text = MONEY.read_text(encoding="utf-8")
    section = text[text.index("## Reports") :].split("\n## ")[0]
    told = re.findall(r"`([a-z]+)`", "".join(re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)))
    header = reports.entries_sheet([]).decode("utf-8-sig")
    assert told == next(csv.reader([header]))
    assert f"{reports.LINES_MAX:,} entries" in section
