"""The presenter: a job's facts as the parts of a message; it decides nothing."""

from bot.chat import edit_words, phrases, words
from bot.core.catalogue import Catalogue
from bot.core.job import Call, Failure, Job, Picture
from bot.core.money import ZERO
from bot.core.states import OPEN, PictureState
from bot.studio.courier import Late, Painting, Queued, Stage

_PROMPT_SHOWN = 300
_FAILURES_SHOWN = 3  # each may carry the gateway's own words, and a message has 2,000 letters
_ALT_MAX = 1024  # Discord's limit of an attachment's description
_SILENT = frozenset({Failure.UNANSWERED, Failure.UNREACHABLE})  # their details are the operator's


def result(job: Job, catalogue: Catalogue, *, show_price: bool, echo: bool = True) -> str:
    """Write the public message: who, what, how it was made, and what did not arrive.

    Without `echo` the prompt is left out, for servers whose AutoMod would not let it through.
    """
    asked = phrases.cut(edit_words.prompt(job.order), _PROMPT_SHOWN)
    prompt = f" **{phrases.inert(asked)}**" if echo else ""
    lines = [f"<@{job.discord_id}>{prompt}", f"-# {_facts(job, catalogue, show_price)}"]
    if missing := _missing(job):
        lines.append(f"-# {missing}")
    return "\n".join(lines)


def alt_text(job: Job, picture: Picture, *, echo: bool = True) -> str:
    """Describe a picture for people who do not see it."""
    count = max(job.order.count, picture.number)
    if not echo:
        return f"Picture {picture.number} of {count}"
    of = f"Picture {picture.number} of {count}: " if count > 1 else ""
    return phrases.cut(of + edit_words.story(job, picture), _ALT_MAX)


def accepted(job: Job, stage: Stage, catalogue: Catalogue, *, show_price: bool = True) -> str:
    """Write the acknowledgement while a job runs."""
    price = f", for {words.quoted(job)} at most" if show_price else ""
    head = f"Ordered {phrases.pictures(job.order.count)}{price}{words.paid_by(job)}."
    model = catalogue.by_id.get(job.order.model)
    if model is not None and job.order.references:
        head += f"\n{edit_words.works_from(model, job.order.references)}"
    match stage:
        case Queued(ahead=ahead):
            return f"{head}\n{words.queued(ahead)}"
        case Painting(since=since, usual_s=usual_s):
            return f"{head}\n{words.painting(since, usual_s)}"
        case Late(since=since):
            return f"{head}\n{words.late(since, job.held, show_price=show_price)}"


def receipt(job: Job, jump_url: str | None, *, show_price: bool = True) -> str:
    """Write the acknowledgement's last state: what came, what it cost, what went back."""
    arrived = sum(picture.state is PictureState.DELIVERED for picture in job.pictures)
    waiting = sum(picture.state is PictureState.SPOOLED for picture in job.pictures)
    lines = []
    if arrived:
        lines.append(words.done(arrived, job.order.count, jump_url))
    if waiting:
        lines.append(words.waiting(waiting))
    lines += _failures(job, show_price=show_price)
    if not job.is_over:
        lines.append(words.NOT_OVER)
    money = f"{words.money_of(job)} · " if show_price else ""
    lines.append(f"-# {money}receipt `{job.id}`")
    return "\n".join(lines)


def own_result(job: Job, text: str) -> str:
    """Write the result of a job whose pictures stand in the acknowledgement itself.

    Outside servers everybody may read it, and what a person paid is theirs to know.
    """
    if job.place.server_id is None and not job.order.private:
        return "\n".join([text, *_failures(job)])
    moved = [] if job.order.private else [words.SHOWN_HERE]
    return "\n".join([text, *moved, receipt(job, None)])


def _facts(job: Job, catalogue: Catalogue, show_price: bool) -> str:  # noqa: FBT001 - a private step
    model = catalogue.by_id.get(job.order.model)
    sizes = dict.fromkeys(f"{p.look.width}×{p.look.height}" for p in job.pictures)  # noqa: RUF001 - the sign
    facts = [model.label if model else job.order.model, job.order.aspect, *sizes]
    facts += [edit_words.version(job), f"`{job.id}`"]
    return " · ".join(filter(None, [*facts, str(job.charged) if show_price else None]))


def _missing(job: Job) -> str:
    made = len(job.pictures)
    if made >= job.order.count:
        return ""
    if not job.is_over:
        return f"{made} of {job.order.count} so far…"
    return f"{made} of {job.order.count} arrived; only those were charged."


def _failures(job: Job, *, show_price: bool = True) -> list[str]:
    failed = (call for call in job.calls if call.failure is not None)
    sentences = (_failure(call, show_price=show_price) for call in failed)
    return list(dict.fromkeys(sentences))[:_FAILURES_SHOWN]


def _failure(call: Call, *, show_price: bool) -> str:
    held = call.hold if call.state in OPEN else ZERO
    sentence = words.failed(call.failure, held, show_price=show_price)
    if not call.detail or call.failure in _SILENT:
        return sentence
    return f"{sentence} It says: {phrases.quote(call.detail, 300)}"
