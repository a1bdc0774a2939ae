"""/budget alerts, managers and zone: what a server chose beside its limits."""

from datetime import timedelta

import pytest

from tests.flow.managing import GONE, answered, changes, dana, told, told_to, viewed
from tests.flow.world import World

ALERTS = "Alerts and requests for more go to"


async def test_alerts_go_where_managers_say(world: World) -> None:
    budget = world.discord.channel("budget")
    first = await told(world, "budget alerts")
    on = await told(world, "budget alerts", channel=budget)
    shown = await told(world, "budget alerts")
    off = await told(world, "budget alerts", off=True)

    there = f"<#{budget.id}>"
    nowhere = (
        "; who asks for more asks in the channel they are in. The option `channel` chooses where "
        "they go."
    )
    assert first == f"Alerts go nowhere{nowhere}"
    assert on == f"{ALERTS} {there} (was nowhere)."
    assert shown == f"{ALERTS} {there}."
    assert off == f"Alerts go nowhere (was {there}){nowhere}"
    what = f"server {world.server_id} budget_channel"
    assert changes(world) == [(what, "not set", budget.id, ""), (what, budget.id, "not set", "")]


async def test_alerts_need_a_channel_the_bot_can_post_in(world: World) -> None:
    quiet = world.discord.channel("quiet")
    hidden = world.discord.add_channel("hidden", only=["Managers"])
    del hidden.overwrites[world.discord.bot.id]
    world.discord.places._tell(world.discord.studio, "CHANNEL_UPDATE", hidden.raw())

    assert await told(world, "budget alerts", channel=quiet) == (
        f"I can't post in <#{quiet.id}>: I need Send Messages there."
    )
    assert await told(world, "budget alerts", channel=hidden) == (
        f"I can't post in <#{hidden.id}>: I need View Channel and Send Messages there."
    )
    assert changes(world) == []


async def test_alerts_go_to_one_place_or_none(world: World) -> None:
    both = await told(world, "budget alerts", channel="budget", off=True)
    channel = world.discord.channel("painting")
    world.discord.places.delete_channel(channel)
    answer = await world.ann.tampered.slash("budget alerts", options={"channel": channel.id})

    assert both == "Give either a `channel` or `off`, not both."
    assert (await world.answered(answer)).text == GONE


async def test_a_role_manages_budgets_until_none_does(world: World) -> None:
    artists = world.discord.role("Artists")
    named = await told(world, "budget managers", role=artists)
    other = await told(world, "budget managers", role="Team Blue")
    nobody = await told(world, "budget managers")

    assert named.startswith(f"People with {artists.mention} manage budgets now")
    assert "(was no role)" in named
    assert "Server Settings > Integrations > this bot > `/budget`" in named
    assert f"(was {artists.mention})" in other
    blue = world.discord.role("Team Blue").mention
    assert nobody == f"Only people with Manage Server manage budgets now (was {blue} too)."
    assert len(changes(world)) == 3


async def test_only_manage_server_changes_who_manages(world: World) -> None:
    await told(world, "budget managers", role="Artists")
    text = await told_to(world, world.ben, "budget managers", role="Team Blue")
    answer = await dana(world).slash("budget managers", role="Team Blue")

    assert text == "Who manages budgets can be changed with the Manage Server permission only."
    assert "manage budgets now" in (await answered(world, answer)).text


async def test_everybody_cannot_be_made_managers(world: World) -> None:
    assert (await told(world, "budget managers", role="everyone")).startswith("@everyone can't")
    assert changes(world) == []


@pytest.mark.parametrize("name", ["Europe/Berlin", "europe/berlin", " EUROPE/BERLIN "])
async def test_days_begin_in_the_chosen_zone(world: World, name: str) -> None:
    text = await told(world, "budget zone", name=name)

    assert text.startswith(
        "Days, weeks and months begin at midnight in `Europe/Berlin` now (was `UTC`). Today ends <t"
    )
    assert "days begin at midnight in Europe/Berlin" in await viewed(world)
    what = f"server {world.server_id} time_zone"
    assert changes(world) == [(what, "not set", "Europe/Berlin", "")]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Mars/Base", "Did you mean `"),
        ("Berlin", "Did you mean `Europe/Berlin`"),
        ("Europe/Berln", "Did you mean `Europe/Berlin`"),
        ("new york", "Did you mean `America/New_York`"),
        ("qqqqqq", "Their names are like `Europe/Berlin` or `UTC`."),
        ("../../etc/passwd", "Their names are like `"),
        ("localtime", "Did you mean `"),
    ],
)
async def test_an_unknown_zone_is_told_the_nearest(world: World, name: str, nearest: str) -> None:
    text = await told(world, "budget zone", name=name)

    assert text.startswith(f"I know no time zone `{name}`. {nearest}")
    assert changes(world) == []


@pytest.mark.parametrize("name", ["EST5EDT", "utc", "America/Argentina/Buenos_Aires"])
async def test_every_zone_there_is_can_be_chosen(world: World, name: str) -> None:
    assert (await told(world, "budget zone", name=name)).startswith("Days, weeks and months")


@pytest.mark.parametrize("typed", ["UTC+2", "gmt+2", "UTC +02:00"])
async def test_hours_ahead_are_not_taken_as_hours_behind(world: World, typed: str) -> None:
    (found, *_) = await world.ann.autocomplete("budget zone", focused="name", value=typed)
    text = await told(world, "budget zone", name=typed)
    behind = await told(world, "budget zone", name="UTC-5")

    assert (found.value, found.name) == ("Etc/GMT-2", "Etc/GMT-2 (UTC+2)")
    assert "midnight in `Etc/GMT-2` (UTC+2) now (was `UTC`)" in text
    assert "midnight in `Etc/GMT+5` (UTC-5) now (was `Etc/GMT-2`)" in behind
    assert (await world.store.zone(world.server_id)).utcoffset(world.clock.now()) == timedelta(
        hours=-5
    )


@pytest.mark.parametrize(
    ("typed", "first"),
    [("", "Africa/Abidjan"), ("tok", "Asia/Tokyo"), ("europe/b", "Europe/Belfast")],
)
async def test_zones_are_completed(world: World, typed: str, first: str) -> None:
    found = await world.ann.autocomplete("budget zone", focused="name", value=typed)

    assert found[0].value == first
    assert len(found) <= 25
