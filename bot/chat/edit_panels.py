"""Panels about pictures: how they were made, what they came from, before and after."""

from collections.abc import Collection, Sequence

import discord
from discord import ui

from bot.chat import edit_words, phrases, words
from bot.chat.history_buttons import LookSelect, turning
from bot.chat.panels import listed, panel
from bot.core.catalogue import Catalogue
from bot.core.ids import JobId
from bot.core.job import Job
from bot.core.order import Order, Reference
from bot.store.history import Result
from bot.store.lineage import Family, Relative

PAGE = 5  # results
_PROMPT_SHOWN = 900
_COMMAND_SHOWN = 700
FAMILY_SHOWN = 15
_REFERENCES_SHOWN = 14  # as many as the models that are shipped work from
_PANEL_MAX = 3_800  # letters: Discord takes 4,000, the title and "and 3 more" included
_STEPS_MAX = 6
_STEP = "\u2003"  # an em space: Discord drops ordinary ones at the start of a line


def details(
    job: Job, catalogue: Catalogue, family: Family, seen: Collection[JobId], *, priced: bool
) -> ui.LayoutView:
    """Show how a job's pictures were made, with a command that makes such again.

    Of the others in its family only those that are `seen` are named.
    """
    order, model = job.order, catalogue.by_id.get(job.order.model)
    label = model.label if model else order.model
    facts = [label, order.aspect, order.size, order.format, phrases.pictures(order.count)]
    cost = [f"{phrases.capital(words.money_of(job))}"] if priced else []
    references = [
        f"{number}. {_made_from(each, family, seen)}"
        for number, each in enumerate(order.references, 1)
    ]
    about = [
        edit_words.quoted(order, _PROMPT_SHOWN),
        " · ".join(filter(None, facts)),
        f"Ordered {phrases.relative(job.created_at)} by <@{job.discord_id}>",
        *cost,
    ]
    made_from = listed("**Made from**", references, _REFERENCES_SHOWN)
    again = [] if order.references else ["**The same again**", _command(order, label)]
    room = _PANEL_MAX - sum(len(line) + 1 for line in (*about, *made_from, *again))
    versions = tree(family, seen, room) if family.count > 1 else []
    title = f"{edit_words.version(job) or 'v1'} · `{job.id}`"
    return panel(title, [about, made_from, versions, again])


def _made_from(reference: Reference, family: Family, seen: Collection[JobId]) -> str:
    relatives = {each.job: each for each in family.near}
    each = relatives.get(reference.origin.job) if reference.origin else None
    if each is None:
        return reference.label
    return f"{reference.label}{_link(each)}" if each.job in seen else words.PRIVATE


def tree(family: Family, seen: Collection[JobId], room: int) -> list[str]:
    """Draw who is near in a family, each below what it was made from, in so many letters."""
    lines: dict[JobId, str] = {}
    below: dict[JobId | None, list[JobId]] = {}
    for each in family.near:
        line = _relative(each, family.near[0], seen)
        room -= len(line) + _STEPS_MAX + 1
        if room < 0:
            break
        lines[each.job] = line
    for each in family.near[: len(lines)]:
        parent = each.lineage.parent.job if each.lineage else None
        below.setdefault(parent if parent in lines else None, []).append(each.job)
    drawn, left = [], [(0, each) for each in below.get(None, ())]
    while left:
        depth, job = left.pop()
        drawn.append(_STEP * min(depth, _STEPS_MAX) + lines[job])
        left += [(depth + 1, each) for each in reversed(below.get(job, []))]
    return ["**Versions**", *drawn, *phrases.more(family.count - len(drawn))]


def _relative(each: Relative, here: Relative, seen: Collection[JobId]) -> str:
    version = f"v{each.lineage.version if each.lineage else 1}"
    if each.job not in seen:
        return f"{version} {words.PRIVATE}"
    mark = " ← here" if each is here else ""
    where = _link(each) or f" `{each.job}`"  # a link says more, and a phone has room for one
    return f"{version}{where} {edit_words.quoted(each.order, 60)}{mark}"


def _link(each: Relative) -> str:
    stands = each.jump_url and not each.order.private and not each.deleted
    return f" {each.jump_url}" if stands else ""


def comparison(before: Job, after: Job, files: Sequence[discord.File]) -> ui.LayoutView:
    """Show files side by side: what was there first, then what came of it."""
    items = [
        discord.MediaGalleryItem(file, description=file.description, spoiler=file.spoiler)
        for file in files
    ]
    box: ui.Container[ui.LayoutView] = ui.Container(
        ui.TextDisplay(f"## {edit_words.version(after)}"),
        ui.TextDisplay(edit_words.before_and_after(before, after)),
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
    options = [(each.job, phrases.cut(edit_words.subject(each), 100)) for each, _ in page]
    box.add_item(ui.ActionRow(LookSelect.of(options)))
    if turns := turning(whose=whose, search=search, first=first, count=count, page=PAGE):
        box.add_item(ui.ActionRow(*turns))
    view.add_item(box)
    view.stop()
    return view


def _command(order: Order, label: str) -> str:
    options = {
        "prompt": phrases.cut(" ".join(order.prompt.replace("`", "'").split()), _COMMAND_SHOWN),
        "aspect": order.aspect,
        "size": order.size,
        "count": order.count,
        "model": label,
    }
    said = " ".join(f"{name}:{value}" for name, value in options.items() if value)
    return f"```\n/imagine {said}\n```"
