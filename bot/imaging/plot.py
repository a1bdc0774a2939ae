"""The child that draws one chart: its values as JSON come in on stdin, a PNG goes out on stdout.

Nothing imports this file, so that the drawing library never stays in the bot's memory.
"""

import json
import os
import resource
import sys
import unicodedata
from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import IO, Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import FixedLocator, MaxNLocator

from bot.imaging.charts import Bar, Chart, Ranking

DATA_BYTES_MAX = 300 * 2**20
DPI = 200
LETTERS_MAX = 60
MICROS = 1_000_000
TINY = 0.0001

# Pixels; a phone shows them at a third.
WIDTH, MARGIN, GUTTER = 1200, 56, 48
SUMS, DAYS, LISTS = (300, 600), (664, 800), 926
ROW, REST, BETWEEN = 54, 40, 52
LIST = (WIDTH - 2 * MARGIN - GUTTER) // 2

# A card of its own, on dark and light themes. Blue and orange look different to everybody, and
# what they mean is told by dashes as well.
CARD, INK, MUTED, FAINT = "#1b1d23", "#f4f5f7", "#b3b8c2", "#3a3f4a"
BLUE, ORANGE, ROW_EMPTY, ROW_FULL = "#5ab4ee", "#f0a830", "#252830", "#2c567a"
DOTS, DASHES = (0, (1.2, 1.6)), (0, (5, 2.5))

# Used, in this order, for letters the library's own font lacks, where they are installed.
FALLBACKS = (
    "Noto Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Droid Sans Fallback",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Emoji",
)


def main(given: IO[bytes], taken: IO[bytes]) -> None:
    """Draw the chart that is given."""
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES_MAX, DATA_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold people's names
    os.umask(0o077)
    draw(_chart(json.load(given)), taken)


def _chart(values: dict[str, Any]) -> Chart:
    rankings = [
        Ranking(**one | {"bars": tuple(Bar(**bar) for bar in one["bars"])})
        for one in values["rankings"]
    ]
    return Chart(**values | {"rankings": tuple(rankings)})


def draw(chart: Chart, taken: IO[bytes]) -> None:
    """Draw a chart as PNG into a file."""
    families = _families()
    with mpl.rc_context({"font.family": families, "text.parse_math": False}):
        page = _Page(_height(chart.rankings), _letters(families))
        page.header(chart.headline, chart.lines)
        page.sums(chart)
        page.days(chart)
        page.rankings(chart.rankings)
        page.save(taken)


def plain(text: str, letters: Collection[int]) -> str:
    """Keep what can be drawn, on one line; nothing that steers the direction of others."""
    flat = " ".join(unicodedata.normalize("NFC", text).split())
    kept = (one for one in flat if unicodedata.category(one)[0] != "C" and ord(one) in letters)
    return " ".join("".join(kept).split())[:LETTERS_MAX]


def dollars(value: float) -> str:
    """Label an axis, in few letters: $0.005, $0.50, $20, $1,500, $20k, $25M."""
    if 0 < value < TINY:
        return f"${value:.2g}"
    for unit, name in ((MICROS, "M"), (1000, "k")):
        if value >= 10 * unit:
            return f"${value / unit:,.6g}{name}"
    whole, _, part = f"{value:,.6f}".rstrip("0").partition(".")
    return f"${whole}.{part.ljust(2, '0')}" if part else f"${whole}"


def _families() -> list[str]:
    installed = set(font_manager.fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in FALLBACKS if name in installed)]


def _letters(families: Sequence[str]) -> set[int]:
    """Give every letter that can be drawn: others would come out as empty boxes."""
    paths = [font_manager.findfont(name) for name in families]
    return {letter for path in paths for letter in font_manager.get_font(path).get_charmap()}


def _columns(rankings: Sequence[Ranking]) -> tuple[Sequence[Ranking], Sequence[Ranking]]:
    half = len(rankings) // 2
    return rankings[:half], rankings[half:]


def _height(rankings: Sequence[Ranking]) -> int:
    def of(ranking: Ranking) -> int:
        return 20 + ROW * len(ranking.bars) + (REST if ranking.rest else 0) + BETWEEN

    return LISTS + max(sum(of(one) for one in column) for column in _columns(rankings))


class _Page:
    """A figure whose places are pixels from its upper left corner."""

    def __init__(self, height: int, letters: Collection[int]) -> None:
        self._height = height
        self._letters = letters
        self._figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=CARD)
        FigureCanvasAgg(self._figure)
        self._whole = self._figure.add_axes((0, 0, 1, 1))
        self._whole.set_axis_off()
        self._whole.set(xlim=(0, WIDTH), ylim=(height, 0))

    def save(self, taken: IO[bytes]) -> None:
        self._figure.savefig(taken, format="png", metadata={"Software": None})

    def header(self, headline: str, lines: Sequence[str]) -> None:
        """Say the amount that matters, and below it what it is."""
        self._text(MARGIN - 4, 118, headline, 30, fontweight="bold")
        for number, line in enumerate(lines):
            color = MUTED if number else INK
            self._text(MARGIN, 176 + 46 * number, line, 12, color=color, least=9)

    def sums(self, chart: Chart) -> None:
        """Draw how the sum grew, where it leads, and the limit."""
        sums = [each / MICROS for each in accumulate(chart.spent)]
        today, last = len(sums) - 1, len(chart.days) - 1
        axes = self._axes(SUMS, chart.days)
        axes.tick_params(labelbottom=False)
        shown = {chart.legend[0]: axes.plot(sums, color=BLUE, lw=3)[0]}
        axes.fill_between(range(len(sums)), sums, color=BLUE, alpha=0.18, lw=0)
        axes.plot(today, sums[-1], "o", color=BLUE, ms=7)
        top = sums[-1]
        if chart.forecast is not None:
            end = chart.forecast / MICROS
            (leading,) = axes.plot((today, last), (top, end), color=BLUE, lw=2.5, ls=DOTS)
            axes.plot(last, end, "o", mfc=CARD, mec=BLUE, mew=2.5, ms=7, clip_on=False)
            shown[chart.legend[1]] = leading
            top = max(top, end)
        _finish(axes, shown, top, chart.limit, chart.legend[2])

    def days(self, chart: Chart) -> None:
        """Draw what each day took."""
        spent = [each / MICROS for each in chart.spent]
        axes = self._axes(DAYS, chart.days)
        axes.yaxis.set_major_locator(MaxNLocator(2))
        bars = axes.bar(range(len(spent)), spent, color=BLUE, width=0.68)
        _finish(axes, {chart.legend[3]: bars[0]}, max(spent), chart.day_limit, chart.legend[4])

    def rankings(self, rankings: Sequence[Ranking]) -> None:
        """Put the first half of them on the left, the others on the right."""
        for number, column in enumerate(_columns(rankings)):
            x, y = MARGIN + number * (LIST + GUTTER), LISTS
            for ranking in column:
                y = self._ranking(ranking, x, y) + BETWEEN

    def _ranking(self, ranking: Ranking, x: int, y: int) -> int:
        """Draw one from `y` downward; gives where it ends."""
        self._text(x, y, ranking.title, 12, fontweight="bold")
        y += 20
        for number, bar in enumerate(ranking.bars, 1):
            self._row(x, y, LIST, ROW_EMPTY)
            self._row(x, y, max(LIST * bar.micros / ranking.bars[0].micros, 20), ROW_FULL)
            amount = self._text(x + LIST - 14, y + 33, bar.amount, 11, ha="right", room=LIST)
            self._text(x + 14, y + 33, str(number), 11, color=MUTED)
            name = plain(bar.label, self._letters) or plain(bar.alias, self._letters)
            self._text(x + 46, y + 33, name, 11, room=LIST - 46 - 14 - 24 - amount)
            y += ROW
        if not ranking.rest:
            return y
        self._text(x + 14, y + 28, ranking.rest, 10.5, color=MUTED)
        return y + REST

    def _row(self, x: int, y: int, width: float, color: str) -> None:
        style = "round,pad=0,rounding_size=8"
        self._whole.add_patch(
            FancyBboxPatch((x, y), width, ROW - 8, boxstyle=style, fc=color, lw=0)
        )

    def _text(self, x: float, y: float, text: str, size: float, **style: Any) -> float:
        """Write a line with its baseline at `y`; gives how wide it is.

        What is wider than its `room` is written smaller, to the `least` size, and then cut.
        """
        room, least = style.pop("room", WIDTH - MARGIN - x), style.pop("least", size)
        style.setdefault("color", INK)
        written = self._whole.text(x, y, text, fontsize=size, va="baseline", **style)
        while size > least and written.get_window_extent().width > room:
            size -= 0.25
            written.set_fontsize(size)
        while text and written.get_window_extent().width > room:
            text = text[:-1].rstrip()
            written.set_text(f"{text}…")
        return float(written.get_window_extent().width)

    def _axes(self, rows: tuple[int, int], days: Sequence[str]) -> Axes:
        left = MARGIN + 104
        bottom, height = 1 - rows[1] / self._height, (rows[1] - rows[0]) / self._height
        place = (left / WIDTH, bottom, (WIDTH - MARGIN - left) / WIDTH, height)
        axes = self._figure.add_axes(place, facecolor="none", axisbelow=True)
        axes.spines[:].set_visible(False)
        axes.grid(axis="y", color=FAINT, lw=1)
        axes.tick_params(length=0, labelsize=10, labelcolor=MUTED, pad=7)
        axes.set_xlim(-0.6, len(days) - 0.4)
        shown = range(0, len(days), -(-len(days) // 7))
        axes.xaxis.set_major_locator(FixedLocator(list(shown)))
        axes.set_xticklabels([days[each] for each in shown])
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(lambda value, _: dollars(value))
        return axes


def _finish(axes: Axes, shown: dict[str, Any], top: float, limit: int | None, name: str) -> None:
    """Add a limit that is near enough to leave the rest visible, and say what is what."""
    if limit is not None and limit / MICROS <= 3 * top:
        shown[name] = axes.axhline(limit / MICROS, color=ORANGE, lw=2.5, ls=DASHES)
        top = max(top, limit / MICROS)
    axes.set_ylim(0, top * 1.12)
    axes.legend(
        list(shown.values()),
        list(shown),
        ncols=3,
        loc="lower left",
        bbox_to_anchor=(-0.005, 0.98),
        borderaxespad=0,
        borderpad=0,
        frameon=False,
        fontsize=10.5,
        labelcolor=INK,
        columnspacing=1.6,
    )


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
