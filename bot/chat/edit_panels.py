"""Panels about pictures: how they were made, what they came from, before and after."""

from collections.abc import Iterator, Sequence

import discord
from discord import ui

from bot.chat import edit_words, words
from bot.chat.history_buttons import LookSelect, turning
from bot.chat.panels import listed, panel
from bot.core.catalogue import Catalogue
from bot.core.job import Job
from bot.core.order import Order
from bot.store.history import Result
from bot.store.lineage import Relative

PAGE = 5  # results
_PROMPT_SHOWN = 900
_COMMAND_SHOWN = 700
_FAMILY_SHOWN = 15
_STEP = "\u2003"  # an em space: Discord drops ordinary ones at the start of a line


def details(
    job: Job, catalogue: Catalogue, family: Sequence[Relative], *, priced: bool
) -> ui.LayoutView:
    """Show how a job's pictures were made, with a command that makes such again."""
    order, model = job.order, catalogue.by_id.get(job.order.model)
    label = model.label if model else order.model
    facts = [label, order.aspect, order.size, order.format, words.pictures(order.count)]
    cost = [f"{words.capital(words.money_of(job))}"] if priced else []
    links = {each.job: _link(each) for each in family}
    references = [
        f"{number}. {each.label}{links.get(each.origin.job, '') if each.origin else ''}"
        for number, each in enumerate(order.references, 1)
    ]
    return panel(
        f"{edit_words.version(job) or 'v1'} · `{job.id}`",
        [
            [
                edit_words.quoted(order, _PROMPT_SHOWN),
                " · ".join(filter(None, facts)),
                f"Ordered {words.relative(job.created_at)} by <@{job.discord_id}>",
                *cost,
            ],
            listed("**Made from**", references, len(references)),
            tree(family, job) if len(family) > 1 else [],
            [] if order.references else ["**The same again**", _command(order, label)],
        ],
    )


def tree(family: Sequence[Relative], here: Job | None = None) -> list[str]:
    """Draw a family: each version below what it was made from, with a link to it."""
    below: dict[str | None, list[Relative]] = {}
    for each in family:
        parent = each.lineage.parent.job if each.lineage else None
        below.setdefault(parent, []).append(each)

    def lines(parent: str | None, depth: int) -> Iterator[str]:
        for each in below.get(parent, ()):
            yield _STEP * min(depth, 6) + _relative(each, here)
            yield from lines(each.job, depth + 1)

    return listed("**Versions**", list(lines(None, 0)), _FAMILY_SHOWN)


def _relative(each: Relative, here: Job | None) -> str:
    version = each.lineage.version if each.lineage else 1
    prompt = words.PRIVATE if each.order.private else edit_words.quoted(each.order, 60)
    mark = " ← here" if here is not None and each.job == here.id else ""
    return f"v{version} `{each.job}`{_link(each)} {prompt}{mark}"


def _link(each: Relative) -> str:
    return f" {each.jump_url}" if each.jump_url and not each.order.private else ""


def comparison(before: Job, after: Job, files: Sequence[discord.File]) -> ui.LayoutView:
    """Show files side by side: what was there first, then what came of it."""
    items = [
        discord.MediaGalleryItem(file, description=file.description, spoiler=file.spoiler)
        for file in files
    ]
    box: ui.Container[ui.LayoutView] = ui.Container(
        ui.TextDisplay(f"## {edit_words.version(after)}"),
        ui.TextDisplay(
            f"**Before** {edit_words.quoted(before.order, 200)}\n"
            f"**After** {edit_words.quoted(after.order, 200)}"
        ),
        ui.MediaGallery(*items),
    )
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    return view


def history(
    page: Sequence[tuple[Result, discord.File | None]],
    *,
    whose: int,
    search: str,
    first: int,
    count: int,
) -> ui.LayoutView:
    """Show a page of results with what is still kept of them, and ways to the others."""
    view = ui.LayoutView(timeout=None)
    if not page:
        text = edit_words.NOTHING_FOUND if search else edit_words.NO_RESULTS
        view.add_item(ui.Container(ui.TextDisplay(text)))
        return view
    box: ui.Container[ui.LayoutView] = ui.Container()
    box.add_item(ui.TextDisplay(edit_words.results_of(whose, search, first, len(page), count)))
    for result, file in page:
        box.add_item(ui.Separator())
        text = edit_words.result(result)
        if file is None:
            box.add_item(ui.TextDisplay(text))
        else:
            media: ui.Thumbnail[ui.LayoutView] = ui.Thumbnail(file, description=file.description)
            box.add_item(ui.Section(text, accessory=media))
    options = [(each.job, words.cut(edit_words.subject(each), 100)) for each, _ in page]
    box.add_item(ui.ActionRow(LookSelect.of(options)))
    if turns := turning(whose=whose, search=search, first=first, count=count, page=PAGE):
        box.add_item(ui.ActionRow(*turns))
    view.add_item(box)
    view.stop()
    return view


def _command(order: Order, label: str) -> str:
    options = {
        "prompt": words.cut(" ".join(order.prompt.replace("`", "'").split()), _COMMAND_SHOWN),
        "aspect": order.aspect,
        "size": order.size,
        "count": order.count,
        "model": label,
    }
    said = " ".join(f"{name}:{value}" for name, value in options.items() if value)
    return f"```\n/imagine {said}\n```"
