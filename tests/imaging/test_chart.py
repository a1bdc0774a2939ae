"""Charts are drawn whatever people are called, by a child that is gone afterwards."""

import asyncio
import io
import os
import pkgutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import asdict, replace
from json import dumps
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import bot.imaging
from bot.core.money import Money
from bot.imaging import plot
from bot.imaging.charts import Bar, Chart, Charts, NoChart, Ranking
from bot.imaging.imaging import Imaging
from tests.imaging.drawing import names, noisy, saved

ROOT = Path(__file__).parents[2]
DOLLAR = 1_000_000
NAMES = [
    "Ann",
    "Ann Ännström-Ørsted of the Very Long Name That Never Ends",
    "🦊🦊🦊",
    "日本のユーザー",
    "שלום עולם",
    "مرحبا بالعالم",
    "a\u202eb\u0000c\ud800d\u200d\ufe0fe",
    "$x^2$ {\\frac _^",
    "\u0301\u0302",
    " \n\t ",
    "",
    "﷽" * 40,
]


def ranking(title: str, names: list[str], most: int = 9 * DOLLAR) -> Ranking:
    amounts = [max(most // (1 + number), 1) for number in range(len(names))]
    bars = [
        Bar(label=name, micros=amount, amount=str(Money(amount)))
        for name, amount in zip(names, amounts, strict=True)
    ]
    return Ranking(title=title, bars=tuple(bars), rest="12 more: $3.20")


def chart(**changes: object) -> Chart:
    base = Chart(
        headline="$11.70",
        lines=("spent this month", "at this pace $49.20"),
        days=tuple(f"{day} Aug" for day in range(1, 32)),
        spent=(DOLLAR, 0, 2 * DOLLAR),
        forecast=49 * DOLLAR,
        limit=60 * DOLLAR,
        day_limit=3 * DOLLAR,
        legend=("so far", "at this pace", "limit", "by day", "limit a day"),
        rankings=(
            ranking("People", ["Ann", "Ben"]),
            ranking("Models", ["Painter"]),
            ranking("Channels", ["paint"]),
        ),
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # by field name


def drawn(one: Chart) -> Image.Image:
    picture = io.BytesIO()
    plot.draw(one, picture)
    with Image.open(picture) as image:
        assert image.format == "PNG"
        return image.convert("RGB")


def pixels(image: Image.Image, color: str) -> int:
    """Count the pixels that have exactly this colour."""
    rgb = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    return int(np.all(np.asarray(image) == rgb, axis=-1).sum())


async def test_a_child_draws_it_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    picture = await Charts().draw(chart())
    with Image.open(io.BytesIO(picture)) as image:
        assert (image.format, image.width) == ("PNG", plot.WIDTH)
    assert names(tmp_path) == []


def test_outside_text_never_breaks_it_or_fills_the_log() -> None:
    everywhere = (ranking("People", NAMES[:6]), ranking("Models", NAMES[6:]))
    body = dumps(asdict(chart(rankings=everywhere, headline="$0.000001"))).encode()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "bot.imaging.plot"],
        cwd=ROOT,
        input=body,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"\x89PNG")


@pytest.mark.parametrize("days", [1, 7, 31])
@pytest.mark.parametrize("unit", [1, 39_000, 123_456_789_012])
def test_any_length_and_any_amount_fits(days: int, unit: int) -> None:
    one = chart(
        days=tuple(str(day) for day in range(days)),
        spent=(unit,) * days,
        forecast=None,
        limit=unit * days * 2,
        day_limit=None,
        rankings=(ranking("People", ["Ann"], unit), ranking("Models", ["Painter"], unit)),
    )
    image = drawn(one)
    assert pixels(image, plot.BLUE) > 1000
    edge = image.crop((0, 0, 8, image.height))
    assert pixels(edge, plot.CARD) == edge.width * edge.height  # no label runs out of the card


def test_the_end_of_a_long_line_is_not_cut() -> None:
    line = "At this pace about $123.45 by 30 November, within the limit of $1000.00 a "
    month, week = (drawn(chart(lines=("spent", line + end))) for end in ("month.", "week."))
    assert month.tobytes() != week.tobytes()
    edge = month.crop((plot.WIDTH - plot.MARGIN + 4, 0, plot.WIDTH, 250))
    assert pixels(edge, plot.CARD) == edge.width * edge.height


def test_a_limit_is_a_line_unless_it_is_far_above() -> None:
    near, far = drawn(chart()), drawn(chart(limit=600 * DOLLAR, day_limit=600 * DOLLAR))
    assert pixels(near, plot.ORANGE) > 5000
    assert pixels(far, plot.ORANGE) == 0


def test_it_grows_with_its_lists() -> None:
    few = drawn(chart())
    many = chart(rankings=(ranking("People", ["Ann"] * 6), *chart().rankings[1:]))
    with_pools = chart(rankings=(*chart().rankings, ranking("Pools", ["Red"])))
    assert drawn(many).height > few.height
    assert drawn(with_pools).height >= few.height


def test_what_no_font_has_is_left_out_and_an_alias_stands_in() -> None:
    letters = set(map(ord, "abc déf…"))
    assert plot.plain("a\U0001f98a b", letters) == "a b"
    assert plot.plain(" e\u0301\n\u202ed ", letters) == "é d"
    assert plot.plain("日本", letters) == ""
    assert len(plot.plain("a" * 500, letters)) == plot.LETTERS_MAX
    bar = Bar(label="\U0001f98a", micros=1, amount="$0.000001")
    bare, named = (
        drawn(chart(rankings=(Ranking(title="A", bars=()), Ranking(title="P", bars=(one,)))))
        for one in (bar, replace(bar, alias="fox_71"))
    )
    assert pixels(named, plot.INK) > pixels(bare, plot.INK)


def test_a_long_name_is_cut_and_never_meets_its_amount() -> None:
    def one(name: str, amount: str) -> Image.Image:
        bars = (Bar(label=name, micros=1, amount=amount),)
        lists = (Ranking(title="A", bars=bars), Ranking(title="B", bars=()))
        return drawn(chart(rankings=lists))

    long, none = one("W" * 200, "$1.00"), one("", "$1.00")
    amounts = (plot.MARGIN + plot.LIST - 120, plot.LISTS + 20, plot.MARGIN + plot.LIST)
    box = (*amounts, plot.LISTS + 20 + plot.ROW)
    assert np.array_equal(np.asarray(long.crop(box)), np.asarray(none.crop(box)))


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=90))
def test_plain_text_is_one_line_of_known_letters(text: str) -> None:
    letters = set(range(32, 0x500))
    kept = plot.plain(text, letters)
    assert set(map(ord, kept)) <= letters
    assert kept == " ".join(kept.split())


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (0, "$0"),
        (0.005, "$0.005"),
        (0.5, "$0.50"),
        (20, "$20"),
        (1500, "$1,500"),
        (20_000, "$20k"),
        (25_000_000, "$25M"),
        (0.0000015, "$1.5e-06"),
    ],
)
def test_axes_are_labelled_in_dollars(value: float, label: str) -> None:
    assert plot.dollars(value) == label


async def test_a_child_that_fails_says_why() -> None:
    with pytest.raises(NoChart, match="IndexError"):
        await Charts().draw(chart(spent=()))


async def test_a_child_that_is_late_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(NoChart, match="longer"):
        await Charts(wall_s=0.05).draw(chart())  # its library alone takes longer to load
    assert children() == []
    assert names(tmp_path) == []


async def test_a_cancelled_chart_leaves_no_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await Charts().draw(chart())
    assert children() == []


async def test_children_that_share_a_turn_never_work_at_once(tmp_path: Path) -> None:
    turn = asyncio.Lock()
    path = saved(noisy("RGB", 40, 30), tmp_path / "1.png", "png")
    charts = Charts(turn=turn)
    async with Imaging(turn=turn) as imaging:
        await imaging.look(path)
        async with turn:
            for work in (charts.draw(chart()), imaging.look(path)):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(work, 0.1)
        assert (await charts.draw(chart())).startswith(b"\x89PNG")
        assert await imaging.look(path) is not None


async def test_without_a_child_there_is_no_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(NoChart):
        await Charts().draw(chart())


def children() -> list[int]:
    """List this process's children that still run."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in found if runs(int(pid))]


def runs(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"bot.imaging.plot" in command


def test_the_bot_never_loads_the_library() -> None:
    probe = "import sys, bot.app, cogs, bot.imaging.charts; print('matplotlib' in sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_the_contract_names_everything_but_the_child() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    (contract,) = (one for one in contracts if one.get("forbidden_modules") == ["matplotlib"])
    rooms = {f"bot.{one.name}" for one in pkgutil.iter_modules(bot.__path__) if one.ispkg}
    own = {f"bot.imaging.{one.name}" for one in pkgutil.iter_modules(bot.imaging.__path__)}
    expected = (
        (rooms - {"bot.imaging"}) | {"cogs"} | (own - {"bot.imaging.plot", "bot.imaging.pictures"})
    )
    assert set(contract["source_modules"]) == expected
