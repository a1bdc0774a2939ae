"""A picture does not leave the circle it was made in, whoever looks at what came of it."""

from aiohttp import web

from sandbox.discord.faults import Fault
from sandbox.discord.permissions import May
from sandbox.discord.rest import answered
from sandbox.discord.state import Channel, Message
from sandbox.people import Person
from tests.flow.editing import follows, painted, told
from tests.flow.test_remixing import job_of
from tests.flow.world import World

PRIVATE_THREAD = 12
_MANAGE_THREADS = May(1 << 34)
HIDDEN = "You can't see what this was made from"


def tell(world: World, channel: Channel, event: str, **more: object) -> None:
    """Let the bot hear of a channel as Discord tells it."""
    assert channel.server is not None
    world.discord.places._tell(channel.server, event, channel.raw() | more)


def close(world: World, channel: Channel, *out: Person) -> None:
    """Close a channel to some people."""
    for person in out:
        channel.overwrites[person.id] = (May(0), May.VIEW_CHANNEL)
    tell(world, channel, "CHANNEL_UPDATE")


async def private_one(world: World, prompt: str = "a secret") -> tuple[Message, str]:
    """Let Ann paint for herself alone; gives what she sees, and its number."""
    answer = await world.ann.slash("imagine", prompt=prompt, private=True)
    await world.ended(answer)
    assert answer.original is not None
    return answer.original, (await world.store.receipts(int(world.ann.id), None))[0].job


async def published(world: World) -> tuple[str, Message]:
    """Let Ann show only what she made of a private picture; gives the number of that, too."""
    secret, number = await private_one(world)
    await world.ended(await world.ann.press("Vary", on=secret))
    child = (await world.store.receipts(int(world.ann.id), None))[0].job
    await told(world, await world.ann.slash("show", id=child, public=True))
    return number, world.pictures()[-1]


async def test_compare_keeps_a_private_beginning_to_who_ordered_it(world: World) -> None:
    _, shown = await published(world)
    said = await told(world, await world.cleo.press("Compare", on=shown))
    assert HIDDEN in said
    assert "secret" not in said
    own = await world.ann.press("Compare", on=shown)
    assert "**Before** `a secret`" in await told(world, own)


async def test_details_name_a_private_relative_by_its_version_only(world: World) -> None:
    number, shown = await published(world)
    said = await told(world, await world.cleo.press("Details", on=shown))
    tree = said.partition("**Versions**")[2]
    assert "v1 private\n" in tree
    assert number not in tree
    assert "secret" not in said
    assert "**Made from**\n1. private\n" in said
    own = await told(world, await world.ann.press("Details", on=shown))
    assert f"v1 `{number}` `a secret`" in own


async def test_a_private_beginning_is_in_no_alt_text(world: World) -> None:
    _, shown = await published(world)
    assert shown.files[0].description == "Variation"
    assert "secret" not in shown.text
    answer = await world.cleo.press("Vary", on=shown)
    await world.ended(answer)
    assert answer.original is not None
    assert answer.original.files[0].description == "Variation"


async def test_what_is_shown_elsewhere_does_not_tell_how_it_began(world: World) -> None:
    painting = world.discord.channel("painting")
    close(world, world.discord.home, world.cleo)
    await painted(world, prompt="closed circle")
    await world.ended(await world.ann.press("Vary", on=world.pictures()[-1]))
    number = (await job_of(world, world.pictures()[-1])).id
    show = await world.ann.slash("show", id=number, public=True, channel=painting)
    await told(world, show)
    (shown,) = world.pictures(painting)
    await told(world, await world.cleo.press("Send to me", on=shown))
    (sent,) = world.cleo.messages(world.cleo.dm)
    for message in (shown, sent):
        assert "closed circle" not in message.text
        assert message.files[0].description == "Variation"
    await told(world, await world.ben.press("Send to me", on=shown))
    (sent,) = world.ben.messages(world.ben.dm)
    assert sent.files[0].description == "closed circle → Variation"


async def test_what_is_hidden_stays_hidden_beside_what_came_of_it(world: World) -> None:
    first = await painted(world, spoiler=True)
    await world.ben.reply(first, "make it night")
    shown = await world.cleo.press("Compare", on=await follows(world, first))
    await told(world, shown)
    assert shown.original is not None
    assert all(each.filename.startswith("SPOILER_") for each in shown.original.files)


async def test_what_a_closed_channel_holds_stays_there(world: World) -> None:
    painting = world.discord.channel("painting")
    close(world, world.discord.home, world.cleo)
    first = await painted(world, prompt="closed circle")
    number = (await job_of(world, first)).id
    await world.ended(await world.ann.slash("upscale", id=number, channel=painting))
    (shown,) = world.pictures(painting)
    details = await told(world, await world.cleo.press("Details", on=shown))
    assert "closed circle" not in details
    assert first.id not in details
    assert HIDDEN in await told(world, await world.cleo.press("Compare", on=shown))
    assert "closed circle" not in str(shown.files[0].description)
    assert "closed circle" in await told(world, await world.ben.press("Details", on=shown))


async def test_a_private_thread_is_for_those_in_it(world: World) -> None:
    home = world.discord.home
    thread = world.discord.add_channel("den", kind=PRIVATE_THREAD)
    metadata = {
        "archived": False,
        "locked": False,
        "auto_archive_duration": 60,
        "archive_timestamp": "2026-01-01T00:00:00+00:00",
    }
    more = {"parent_id": home.id, "owner_id": world.ann.id, "thread_metadata": metadata}
    counts = {"message_count": 0, "member_count": 2}
    tell(world, thread, "THREAD_CREATE", **more, **counts)
    await world.ended(await world.ann.slash("imagine", prompt="den", channel=thread))
    (result,) = world.pictures(thread)
    number = (await job_of(world, result)).id

    async def is_in(_: web.Request, __: object) -> web.StreamResponse:
        raw = {"id": thread.id, "user_id": world.ben.id, "flags": 0}
        return answered(200, raw | {"join_timestamp": "2026-01-01T00:00:00+00:00"})

    ben = f"/channels/{thread.id}/thread-members/{world.ben.id}"
    assert "no result" in await told(world, await world.ben.slash("show", id=number))
    assert "no result" in await told(world, await world.cleo.slash("show", id=number))
    assert "den" in await told(world, await world.ben.slash("show", id=number, channel=thread))
    world.discord.faults._order(Fault("GET", ben, is_in, 1))
    assert "den" in await told(world, await world.ben.slash("show", id=number))
    manager = world.discord.role("Team Blue")
    manager.permissions |= _MANAGE_THREADS
    raw = {"guild_id": str(world.server_id), "role": manager.raw()}
    world.discord.places._tell(world.discord.studio, "GUILD_ROLE_UPDATE", raw)
    assert "den" in await told(world, await world.ben.slash("show", id=number))


async def best_of(world: World) -> Channel:
    """Choose where pictures that people like are shown."""
    best = world.discord.channel("painting")
    await world.store.set_server(world.server_id, int(world.ann.id), best_of_channel=int(best.id))
    return best


async def test_stars_publish_nothing_from_a_closed_channel(world: World) -> None:
    best, home = await best_of(world), world.discord.home
    home.overwrites[world.discord.studio.id] = (May(0), May.VIEW_CHANNEL)
    for member in (world.discord.bot, world.ben):
        home.overwrites[member.id] = (May.VIEW_CHANNEL, May(0))
    close(world, home, world.cleo)
    first = await painted(world, prompt="closed circle")
    said = await told(world, await world.ann.press("Star", on=first))
    assert said.startswith("Starred; it has 1 star now.")
    assert "It isn't shown among the best" in said
    assert world.pictures(best) == []
    await world.store.set_server(world.server_id, int(world.ann.id), best_of_channel=int(home.id))
    await told(world, await world.ben.press("Star", on=first))
    assert "★ 2" in (await world.ann.waits_for("★ 2")).text  # where it stands anyhow


async def test_stars_take_nothing_out_of_an_age_restricted_channel(world: World) -> None:
    best, home = await best_of(world), world.discord.home
    tell(world, home, "CHANNEL_UPDATE", nsfw=True)
    first = await painted(world)
    assert "isn't shown" in await told(world, await world.ann.press("Star", on=first))
    tell(world, best, "CHANNEL_UPDATE", nsfw=True)
    assert "isn't shown" not in await told(world, await world.ben.press("Star", on=first))
    assert (await world.ann.waits_for("★ 2")).channel is best


async def test_stars_publish_nothing_private(world: World) -> None:
    best = await best_of(world)
    secret, _ = await private_one(world)
    assert "isn't shown" in await told(world, await world.ann.press("Star", on=secret))
    assert world.pictures(best) == []


async def test_what_was_lost_in_a_restore_is_not_shown(world: World) -> None:
    first = await painted(world)
    await world.ben.reply(first, "make it night")
    second = await follows(world, first)
    job = await job_of(world, second)
    assert job.lineage is not None
    parent = job.lineage.parent.job
    await world.store._write(
        lambda db: db.execute("DELETE FROM picture WHERE job_id = ?", (parent,))
    )
    for button, message in (("Compare", second), ("Send to me", first), ("Star", first)):
        said = await told(world, await world.cleo.press(button, on=message))
        assert "I don't remember these pictures" in said
