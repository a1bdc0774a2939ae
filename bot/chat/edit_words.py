"""Words about pictures that come from pictures: buttons, forms, replies and lineage."""

from collections.abc import Sequence

from bot.chat.phrases import cut, inert, listed, pictures, quote, relative
from bot.core.catalogue import Model, References, Task
from bot.core.ids import number_of
from bot.core.instructions import PROMPTS, RESHAPE
from bot.core.job import Job, Picture, jump_url
from bot.core.money import Money
from bot.core.order import Order, Reference, prompt_of
from bot.store.history import Result
from bot.store.trays import TRAY_MAX

WHICH = "Which picture?"
STARTED = "Already started: this was pressed a moment ago."
NOTHING_SAID = (
    "Nothing was ordered. Say what should change, such as `make it night`, `2: add snow` for the "
    "second picture, `again`, `4x`, `wide` or `4k`."
)
TURN_PING_ON = (
    "I can't read replies without a ping. Turn the **@** on when you reply, or use the buttons "
    "under the picture."
)
HOW_TO = (
    "Reply to a picture, or attach one and mention me, to edit it; `/imagine` paints a new one. "
    "For other people's pictures, use **Apps > Edit image** in the message's menu."
)
NOT_SHOWN_TO_ME = (
    "I see no picture in that message. Discord shows me other people's only through **Apps > Edit "
    "image** in the message's menu; or attach it to your reply."
)
THEN = " → "
TASKS = {
    Task.VARY: "Variation",
    Task.BLEND: "Blend",
    Task.UPSCALE: "Upscaled",
    Task.CUT_OUT: "Cut out",
}
RESHAPED = "New shape"
NOT_YOURS_TO_CANCEL = "Only who ordered this, or a moderator, can cancel it."
NOT_YOURS_TO_DELETE = "Only who ordered this, or a moderator, can delete it."
DELETED = "Deleted. The order and its price stay on the receipt."
SENT_TO_YOU = "Sent to you in a direct message."
DMS_CLOSED = "Your direct messages are closed to me, so here it is, for you only."
NOTHING_TO_CANCEL = "Nothing of this waits any more."
CANCELLED = "Cancelled. Nothing was charged."
CANCELLED_THE_REST = "Cancelled what had not been sent. Only what was painted before is charged."
FORGOTTEN = "I don't remember these pictures any more, so this can't be done with them."
NOTHING_TO_COMPARE = (
    "This was not made from another picture of mine, so there is nothing beside it."
)
NOT_YOURS_TO_COMPARE = "You can't see what this was made from, so there is nothing beside it."
NOT_AMONG_BEST = "It isn't shown among the best: not everybody there may see where it stands."
TOO_LARGE_TOGETHER = (
    "These are too large to send together; `/show` with a picture's number, such as `k7f2-1`, "
    "sends one."
)
SHOWN_TO_YOU_ONLY = "This was deleted, so it is shown to you alone; leave `public` out."
IMAGE_OR_ID = "Attach an `image`, or give a result's `id` as its receipt shows it: one of them."
PRESSER_PAYS = "-# Whoever presses pays."
NOT_MINE = "I did not make what that message shows, so I know nothing about it."
NOBODY_TO_REPORT_TO = (
    "Reports go to this server's budget channel, and none is set or I can't post there. Please "
    "tell a moderator; managers set it with `/budget alerts`."
)
CANNOT_SHOW_HERE = "I can't post pictures in this channel. Leave `public` out to see it alone."
NO_RESULTS = "There are no pictures yet. `/imagine` paints the first."
NOTHING_FOUND = "No result has all of these words."
OLDER, NEWER = "Older", "Newer"
LOOK_CLOSER = "See how one was made"
NOT_YOUR_HISTORY = "Only managers can look through other people's pictures."
REPORTED = "Thank you. Those who look after this server read it now."
REPLY_GONE = "Your reply is gone; please reply to the picture again."
NOT_YOUR_REPLY = "Only who wrote the reply can say which picture it was about."


def prompt(order: Order) -> str:
    """Show what an order asked for; an instruction of ours stands as the name of its task."""
    if order.task is Task.EDIT and order.prompt == RESHAPE:
        return RESHAPED
    ours = order.prompt == PROMPTS.get(order.task)
    return TASKS[order.task] if ours else order.prompt


def quoted(order: Order, length_max: int) -> str:
    """Show what an order asked for, a person's words as such and ours plainly."""
    shown = prompt(order)
    return quote(shown, length_max) if shown == order.prompt else shown


def story(job: Job, picture: Picture | None = None) -> str:
    """Tell what a picture shows: what was asked for first, and each change since."""
    before = [prompt(each) for each in (job.lineage.story if job.lineage else ())]
    last = prompt(job.order)
    if picture is not None and job.order.variants:
        last = prompt_of(job.order, number_of(picture.call), len(job.calls))
    return THEN.join(" ".join(each.split()) for each in (*before, last))


def before_and_after(before: Job, after: Job) -> str:
    """Tell what was asked for first, and then."""
    return f"**Before** {quoted(before.order, 200)}\n**After** {quoted(after.order, 200)}"


def works_from(model: Model, references: Sequence[Reference]) -> str:
    """Say which model works from the pictures, and what it may or will ignore of them."""
    what = "your picture" if len(references) == 1 else f"your {pictures(len(references))}"
    told = f"{model.label} works from {what}."
    if model.references is References.DOCUMENTED:
        told = (
            f"{model.label} gets {what}, as its documents allow, but was made for words: it may "
            "not follow closely."
        )
    moving = [f"`{each.label}`" for each in references if each.animated]
    still = f" Of {listed(moving)} it gets the first frame." if moving else ""
    return f"-# {told}{still}"


def version(job: Job) -> str | None:
    """Name a version: "v3 of `k7f2`"; None for a first one."""
    return f"v{job.lineage.version} of `{job.lineage.root}`" if job.lineage else None


def which(title: str) -> str:
    """Ask which of several pictures is meant."""
    return f"{title}: which picture?"


def cancelled(stopped: int, running: int, charged: Money) -> str:
    """Say what could still be stopped."""
    if not running and not stopped:
        return NOTHING_TO_CANCEL
    if not running:
        return CANCELLED_THE_REST if charged else CANCELLED
    if not stopped:
        return "It is being painted already, so it can't be stopped any more."
    return (
        "Cancelled what had not been sent. What is being painted already still comes, and only "
        "that is charged."
    )


def too_few_to_blend(in_tray: int) -> str:
    """Say how to get enough pictures together."""
    there = f"Your tray has {pictures(in_tray)}" if in_tray else "Your tray is empty"
    return (
        f"A blend needs 2 pictures or more: attach `image1` and `image2`, or collect pictures with "
        f"**Apps > Add to tray** in messages' menus. {there}."
    )


def in_tray(added: int, count: int) -> str:
    """Say what the tray has now, and what to do with it."""
    news = f"Added {pictures(added)}" if added else "Nothing new: it was in there already"
    has = f"{news}; your tray has {pictures(count)} now, for an hour."
    return (
        f"{has} `/blend` makes one of them." if count > 1 else f"{has} `/blend` takes two or more."
    )


def tray_full(count: int, more: int) -> str:
    """Say that so many more do not fit, and how to make room."""
    fit = f"{TRAY_MAX} fit and these are {more} more"
    return f"Your tray has {pictures(count)}; {fit}. `/blend` makes one of them and empties it."


def say_which(job: str, count: int) -> str:
    """Ask for a picture's number with the receipt's."""
    return f"`{job}` has {pictures(count)}: say which in `id`, such as `{job}-2`."


def no_such_result(text: str) -> str:
    """Say that there is none; no more, as others' private results are nobody's business."""
    return f"There is no result {quote(text, 40)} that you can see. `/history` lists yours."


def report(reporter: int, url: str, reason: str) -> str:
    """Tell the people who look after a server what somebody reported."""
    return f"<@{reporter}> reported {url}\n> {inert(reason)}"


def starred(count: int) -> str:
    """Confirm a star."""
    return f"Starred; it has {_stars(count)} now. Press again to take yours back."


def unstarred(count: int) -> str:
    """Confirm that a star is gone."""
    return f"Your star is gone; it has {_stars(count)} now."


def among_best(job: Job, count: int) -> str:
    """Head a result among the best of a server."""
    first = job.pictures[0]
    link = jump_url(job.place.server_id, first.channel_id, first.message_id)
    shown = inert(cut(story(job), 300))
    where = " · ".join(filter(None, [f"`{job.id}`", link]))
    return f"★ {count} · <@{job.discord_id}> **{shown}**\n-# {where}"


def _stars(count: int) -> str:
    return f"{count} star" if count == 1 else f"{count} stars"


def shown(job: Job) -> str:
    """Head a result that is shown once more."""
    facts = " · ".join(filter(None, [version(job), f"`{job.id}`", relative(job.created_at)]))
    return f"**{inert(cut(story(job), 300))}**\n-# by <@{job.discord_id}> · {facts}"


def result(each: Result) -> str:
    """Describe a result in a list."""
    versions = f" · v{each.version} of {each.relatives} versions" if each.relatives > 1 else ""
    link = f" · {each.jump_url}" if each.jump_url else ""
    private = " · private" if each.order.private else ""
    facts = f"{relative(each.at)} · {pictures(each.pictures)}{versions}{private}{link}"
    return f"{inert(cut(subject(each), 200))}\n-# `{each.job}` · {facts}"


def subject(each: Result) -> str:
    """Tell what a result shows: what its family began with, and what was asked for last."""
    first = [prompt(each.root)] if each.root else []
    return THEN.join(" ".join(text.split()) for text in (*first, prompt(each.order)))


def results_of(whose: int, search: str, first: int, shown: int, count: int) -> str:
    """Head a page of results."""
    found = f" with {quote(search)}" if search else ""
    return f"## Pictures of <@{whose}>{found}\n-# {first + 1} to {first + shown} of {count}"


def as_written(count: int) -> str:
    """Offer what a prompt with lists says, lists and all."""
    return f"{pictures(count)} as written"


def combinations(prompts: Sequence[str], each: int, price: Money | None) -> str:
    """List what a prompt with lists was written out to, and what all of it costs at most."""
    lines = [f"{number}. {inert(cut(one, 80))}" for number, one in enumerate(prompts, 1)]
    of = f", {pictures(each)} of each" if each > 1 else ""
    for_price = f", for {price} at most" if price else ""
    head = f"**{pictures(len(prompts) * each)}{of}{for_price}:**"
    return "\n".join([head, *lines])
