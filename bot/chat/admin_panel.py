"""The operator's panel: every call whose hold still counts."""

from collections.abc import Sequence

from discord import ui

from bot.chat import admin_words, words
from bot.chat.panels import panel
from bot.core.money import total
from bot.core.states import CallState
from bot.store.jobs import OpenCall

_SHOWN_MAX = 15


def open_panel(calls: Sequence[OpenCall]) -> ui.LayoutView:
    """Show calls without an answer first: only those wait for somebody."""
    unknown = [call for call in calls if call.state is CallState.UNKNOWN]
    running = [call for call in calls if call.state is not CallState.UNKNOWN]
    held = total(call.hold for call in calls)
    return panel(
        "Open calls",
        [
            [f"{len(running)} running, {len(unknown)} without an answer, {held} held in all."],
            _listed("**Without an answer**: `/admin resolve`", unknown),
            _listed("**Running**", running),
        ],
    )


def _listed(title: str, calls: Sequence[OpenCall]) -> list[str]:
    if not calls:
        return []
    lines = [admin_words.open_call(call) for call in calls[:_SHOWN_MAX]]
    return [title, *lines, *words.more(len(calls) - _SHOWN_MAX)]
