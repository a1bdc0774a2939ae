"""Thousands of presses at once at the stand-in Discord: as many orders as there is room for."""

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from typing_extensions import override

from bot.core.clock import Clock
from bot.core.money import ZERO
from bot.store import audit
from bot.store.rules import Terms
from bot.store.store import opened
from sandbox.discord.app import Discord
from sandbox.discord.interactions import Interaction
from sandbox.discord.state import Happened
from sandbox.omixa import Omixa, faults
from sandbox.people import Person
from tests.flow.process import running
from tests.flow.world import environment
from tests.storm.crowd import PRICE, UNIT, Bound, Crowd, Group

_SLOWER = 20
_BY_BUTTON = 10  # one press of so many takes up an offer
_TWICE = 20  # one event of so many is delivered twice
_TOLD_S = 400
_REFUSED = re.compile(r"This needs \$0\.04 and .+ has \$0\.00 left\b")

_SMALL = """
[[model]]
id = "imagen-4.0-fast-generate-001"
label = "Small"
price = "0.04"
fields = ["size", "output_format"]
sizes = ["0.5K"]
size_default = "0.5K"
formats = ["jpeg"]
"""

Wish = Callable[[], Awaitable[Interaction]]
Presses = list[tuple[Group, Interaction]]


class SlowClock(Clock):
    """Discord's clock at a fraction of the pace: a busy machine's three seconds are a minute."""

    def __init__(self) -> None:
        self._since = super().now()

    @override
    def now(self) -> datetime:
        return self._since + (super().now() - self._since) / _SLOWER

    @override
    def monotonic(self) -> float:
        return super().monotonic() / _SLOWER

    @override
    async def sleep(self, wait_s: float) -> None:
        await super().sleep(wait_s * _SLOWER)


async def press(presses: int, units: int, bound: Bound) -> float:
    """Press so often at once, prove what came of it, and give the slowest answer's seconds."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            Discord.running(data=folder / "cdn", clock=SlowClock(), rate_limits=False) as discord,
            Omixa.running(balance_micros=10**9) as omixa,
        ):
            omixa.always(faults.billed('"0.040000"'))  # all that was held: nothing goes back
            crowd = Crowd(discord, bound, presses, units)
            terms = Terms(default_zone=ZoneInfo("UTC"))
            async with opened(folder / "easel.db", terms=terms, clock=Clock()) as store:
                await crowd.settle_down(store)
            pressed = await _pressed(crowd, omixa, folder)
            _prove_told(crowd, pressed)
            _prove_bought(crowd, omixa, folder)
            return max(one.ack_wait_s or 0 for _, one in pressed) * _SLOWER


async def _pressed(crowd: Crowd, omixa: Omixa, folder: Path) -> Presses:
    """Let everybody press at the same moment, and wait until everybody was told how it ended."""
    limit = str(crowd.operator_limit).removeprefix("$").replace(",", "")
    models = folder / "models.toml"
    models.write_text(_SMALL)
    env = environment(
        crowd.discord, omixa, folder, OPERATOR_LIMIT_DAY=limit, MODELS_FILE=str(models)
    )
    async with running("bot", cwd=folder, env=env) as process:
        await process.says("ready")
        wishes = [(group, wish) for group in crowd.groups for wish in await _wishes(group)]
        Random(len(wishes)).shuffle(wishes)  # noqa: S311 - an order, not a secret
        crowd.discord.world.listeners.append(_Echo(crowd.discord).heard)
        answers = await asyncio.gather(*(wish() for _, wish in wishes))
        async with asyncio.timeout(_TOLD_S):
            while not all(map(_is_over, answers)):
                await crowd.discord.world.change()
        process.stop()
        assert await process.ends() == 0
    return [(group, answer) for (group, _), answer in zip(wishes, answers, strict=True)]


async def _wishes(group: Group) -> list[Wish]:
    """Prepare buttons to press, each of an offer made before, and commands to send."""
    people = list(group.pressers())
    by_button = len(people) // _BY_BUTTON
    offered = await asyncio.gather(*(_offered(one, group) for one in people[:by_button]))
    return [*offered, *(partial(_order, one, group) for one in people[by_button:])]


async def _order(person: Person, group: Group, **more: str) -> Interaction:
    options = {"prompt": f"for {group.name}", "size": "0.5K", "format": "jpeg"} | more
    return await person.slash("imagine", channel=group.channel, options=options)


async def _offered(person: Person, group: Group) -> Wish:
    answer = await _order(person, group, model="Small", size="4K")
    message = await person.waits_for(lambda one: one is answer.original and one.components)
    return partial(person.press, "Use 0.5K instead", on=message)


def _is_over(answer: Interaction) -> bool:
    text = _told(answer)
    return bool(text) and not text.startswith("Ordered")


def _told(answer: Interaction) -> str:
    return answer.original.text if answer.original else ""


class _Echo:
    """Delivers one event of so many once more, as Discord now and then does."""

    def __init__(self, discord: Discord) -> None:
        self._discord = discord
        self._count = 0

    def heard(self, event: Happened) -> None:
        if event.kind == "interaction":
            self._count += 1
            if self._count % _TWICE == 0:
                self._discord.send_again(event.subject)


def _prove_told(crowd: Crowd, pressed: Presses) -> None:
    """So many have a receipt, by their groups' limits where those bind; all others know why not."""
    texts = [(group.name, _told(answer)) for group, answer in pressed]
    admitted = Counter(name for name, text in texts if "receipt `" in text)
    assert admitted.total() == crowd.room, admitted
    if crowd.bound is Bound.OWN:
        assert admitted == {group.name: group.room for group in crowd.groups}
    others = [text for _, text in texts if "receipt `" not in text]
    assert all(map(_REFUSED.match, others)), [one for one in others if not _REFUSED.match(one)]
    assert len(texts) == crowd.presses


def _prove_bought(crowd: Crowd, omixa: Omixa, folder: Path) -> None:
    """The stand-in gateway, the books and the channels agree on how many that were."""
    keys = {record.idempotency_key for record in omixa.requests}
    assert omixa.calls == len(keys) == omixa.wallet.bills == crowd.room
    books = audit.report(folder / "easel.db")
    assert books.findings == []
    assert books.sums.people.micros == omixa.wallet.captured_micros == PRICE.micros * crowd.room
    assert (books.sums.held, books.sums.operator, books.sums.exposure) == (ZERO, ZERO, ZERO)
    posted = [
        file.filename
        for channel in crowd.discord.world.channels.values()
        for message in channel.messages.values()
        for file in message.files
    ]
    assert len(posted) == len(set(posted)) == crowd.room


def run(times: int = 20, *, presses: int = 2_000, units: int = 5) -> None:
    """Press again and again, and print how often exactly what there was room for was bought."""
    slowest = []
    for number, bound in zip(range(times), cycle(Bound)):
        slowest.append(asyncio.run(press(presses, units, bound)))
        sys.stdout.write(
            f"presses {number + 1}: {presses:,} at once, bound by {bound}: exactly"
            f" {units * UNIT} bought; the slowest acknowledgement took {slowest[-1]:.1f} s\n"
        )


if __name__ == "__main__":
    run()
