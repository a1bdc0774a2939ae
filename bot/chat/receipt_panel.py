"""The receipt of one job: what was ordered, what each call cost, and where the pictures stand."""

from collections import Counter
from collections.abc import Iterator

from discord import ui

from bot.chat import words
from bot.chat.panels import panel
from bot.core.catalogue import Catalogue
from bot.core.job import Call, Job, Picture
from bot.core.states import CallState, PictureState

_PROMPT_SHOWN = 900
_LINKS_SHOWN = 10

_STATES = {
    CallState.HELD: "waiting, {hold} held",
    CallState.SENT: "being painted, {hold} held",
    CallState.UNKNOWN: "no answer yet, {hold} held",
    CallState.SETTLED: "charged {charged}",
    CallState.RELEASED: "nothing charged, {hold} returned",
}


def receipt_panel(job: Job, catalogue: Catalogue, *, hidden: bool = False) -> ui.LayoutView:
    """Show a job to its person, or to who manages their money.

    `hidden` leaves the prompt out: what was ordered privately is nobody else's to read.
    """
    prompt = words.PRIVATE if hidden else words.quote(job.order.prompt, _PROMPT_SHOWN)
    places = [] if hidden else list(_links(job))
    return panel(
        f"Receipt {job.id}",
        [
            [prompt, _order(job, catalogue), f"Ordered {words.relative(job.created_at)}"],
            [f"**{words.money_of(job).capitalize()}**"],
            [f"**Calls to the image service** ({len(job.calls)})", *map(_call, job.calls)],
            _pictures(job, places),
        ],
    )


def _order(job: Job, catalogue: Catalogue) -> str:
    order, model = job.order, catalogue.by_id.get(job.order.model)
    facts = [model.label if model else order.model, words.pictures(order.count)]
    facts += [each for each in (order.aspect, order.size, order.format) if each]
    return " · ".join([*facts, f"{job.unit_price} each at most"])


def _call(call: Call) -> str:
    _, _, number = call.id.partition(".")
    told = _STATES[call.state].format(hold=call.hold, charged=call.charged)
    why = "" if call.failure is None else f" · {words.reason(call.failure)}"
    return f"{number}. {words.pictures(call.images)}: {told}{why}"


def _pictures(job: Job, places: list[str]) -> list[str]:
    if not job.pictures:
        return ["No picture yet." if job.held else "No picture came."]
    counts = Counter(picture.state for picture in job.pictures)
    told = {
        PictureState.DELIVERED: "delivered",
        PictureState.SPOOLED: "waiting to be delivered",
        PictureState.REFUNDED: "paid back",
    }
    states = [f"{counts[state]} {word}" for state, word in told.items() if counts[state]]
    return [f"**Pictures**: {words.listed(states)}", *places]


def _links(job: Job) -> Iterator[str]:
    seen = dict.fromkeys(url for picture in job.pictures if (url := _link(job, picture)))
    yield from list(seen)[:_LINKS_SHOWN]


def _link(job: Job, picture: Picture) -> str | None:
    if picture.message_id is None or job.order.private:
        return None
    server = job.place.server_id or "@me"
    return f"https://discord.com/channels/{server}/{picture.channel_id}/{picture.message_id}"
