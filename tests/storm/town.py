"""A town: stand-ins, people who keep ordering, and Easel as a process that can be killed."""

import asyncio
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from bot.core.clock import Clock
from bot.store import audit
from sandbox.discord.app import Discord
from sandbox.discord.state import Happened, Message
from sandbox.omixa import Omixa, faults
from tests.flow.process import Process, running
from tests.flow.world import environment

GUESTS = 12
TROUBLES = (
    faults.slow(headers_s=0.3),
    faults.slow(body_s=0.4),
    faults.slow(headers_s=0.2, body_s=0.2),
    faults.hang(taken=True),
    faults.status(503),
    faults.status(502, shape="html", taken=True),
    faults.cut(at_byte=2_000),
    faults.reset_after_success(),
    faults.fewer(1),
    faults.billed('"0.010000"'),
    faults.billed(faults.MISSING),
    faults.filtered("empty"),
    faults.garbage("<!doctype html>"),
)
_EVERYWHERE = "/channels/*/messages"

Rows = list[dict[str, Any]]


@dataclass
class Town:
    """What stays while the bot comes and goes, and everything people were told."""

    discord: Discord
    omixa: Omixa
    folder: Path
    chance: Random
    told: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    logs: list[str] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def built(cls, seed: int) -> AsyncGenerator["Town"]:
        """Build a town that does not know the bot yet."""
        with TemporaryDirectory() as name:
            folder = Path(name)
            async with (
                Discord.running(data=folder / "cdn", clock=Clock(), rate_limits=False) as discord,
                Omixa.running(clock=Clock(), seed=seed) as omixa,
            ):
                town = cls(discord, omixa, folder, Random(seed))  # noqa: S311 - replays, no secrets
                for number in range(GUESTS):
                    discord.add_person(f"guest{number}")
                discord.world.listeners.append(town._remember)
                yield town

    @property
    def data(self) -> Path:
        """Where the bot keeps everything."""
        return self.folder / "data"

    @asynccontextmanager
    async def bot(self) -> AsyncGenerator[Process]:
        """Run the bot; the block must see to its end, and its log is kept.

        It may have been away for longer than it was: it finds its backup an hour old, and half of
        the time that Discord has forgotten its nonces, which it remembers for minutes.
        """
        shutil.rmtree(self.data / "backups", ignore_errors=True)
        if self.chance.random() < 0.5:
            self.discord.messages._nonces.clear()
        more = {"OPERATOR_LIMIT_DAY": "1000", "LOG_FORMAT": "json"}
        env = environment(self.discord, self.omixa, self.data, **more)
        async with running("bot", "run", cwd=self.folder, env=env) as process:
            yield process
            await process.ends()
            self.logs += process.lines

    async def bustle(self) -> None:
        """Order until cancelled: anybody, anything, with a fault now and then."""
        async with asyncio.TaskGroup() as orders:
            while True:
                if self.chance.random() < 0.5:
                    self.omixa.next(self.chance.choice(TROUBLES))
                if self.chance.random() < 0.1:
                    applied = self.chance.random() < 0.5
                    self.discord.faults.fail("POST", _EVERYWHERE, applied=applied)
                _ = orders.create_task(self._order())
                await asyncio.sleep(self.chance.uniform(0.01, 0.15))

    async def _order(self) -> None:
        person = self.chance.choice(list(self.discord.people.values()))
        options = {
            "prompt": f"picture {len(self.discord.answers.everything)}",
            "size": "0.5K",
            "format": self.chance.choice(["png", "jpeg"]),
            "count": self.chance.choice([1, 1, 1, 2, 6]),
            "private": self.chance.random() < 0.15,
        }
        await person.slash("imagine", options=options)

    def _remember(self, event: Happened) -> None:
        message = event.subject
        if isinstance(message, Message) and message.interaction is not None and message.text:
            self.told[message.interaction.id].append(message.text)

    def pictures(self) -> list[tuple[Message, str, bytes]]:
        """Give every file the bot posted: where, its name, its bytes."""
        return [
            (message, file.filename, file.path.read_bytes())
            for channel in self.discord.world.channels.values()
            for message in channel.messages.values()
            for file in message.files
        ]

    def kept(self) -> set[str]:
        """Name the calls whose answers are whole in the spool."""
        return {file.parent.name for file in self.data.glob("spool/kept/*/manifest.json")}

    def backups(self) -> list[Path]:
        """Name the backups that are whole."""
        return list(self.data.glob("backups/easel-*.db"))

    def half_done(self) -> list[Path]:
        """Name the backups that are not whole yet, and never will be once the bot is dead."""
        return list(self.data.glob("backups/.easel-*.db.part"))

    def books(self) -> Rows:
        """Give every call with what its job and its entries say."""
        return self.read(
            "SELECT call.*, job.key, job.created_at, coalesce(sum(person_micros), 0) AS paid,"
            " coalesce(sum(gateway_micros), 0) AS gateway,"
            " coalesce(sum(exposure_micros), 0) AS exposure"
            " FROM call JOIN job ON job.id = job_id LEFT JOIN entry ON entry.call_id = call.id"
            " GROUP BY call.id ORDER BY call.id"
        )

    def everything(self) -> dict[str, Rows]:
        """Give all that the bot remembers of orders, and every message there is."""
        tables = ("call", "entry", "balance", "picture", "job")
        found = {name: self.read(f"SELECT * FROM {name} ORDER BY 1, 2") for name in tables}  # noqa: S608 - names above
        messages = (
            message
            for channel in self.discord.world.channels.values()
            for message in channel.messages.values()
        )
        return found | {"messages": [{"id": one.id, "text": one.text} for one in messages]}

    def read(self, question: str) -> Rows:
        """Ask a copy of the database; one without tables yet has no rows."""
        with self._copied() as file, closing(sqlite3.connect(file)) as db:
            db.row_factory = sqlite3.Row
            if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'job'").fetchone():
                return []
            return [dict(row) for row in db.execute(question)]

    def audit(self) -> list[str]:
        """Let the bot's own audit look through a copy, and through the backups."""
        with self._copied() as file:
            files = [file, *self.backups()]
            return [finding for each in files for finding in audit.report(each).findings]

    @contextmanager
    def _copied(self) -> Generator[Path]:
        """Copy the database, so that the bot finds its own as it left it."""
        with TemporaryDirectory() as spare:
            for file in self.data.glob("easel.db*"):
                if file.suffix in {".db", ".db-wal"}:
                    shutil.copy(file, spare)
            yield Path(spare) / "easel.db"
