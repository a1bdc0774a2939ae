"""Whatever happens: no secret leaves its place, and nobody is pinged but who ordered (I22)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.discord.interactions import Interaction
from sandbox.discord.state import Message
from sandbox.omixa import Omixa, faults
from sandbox.people import Person
from tests.flow.orders import until
from tests.flow.process import running
from tests.flow.world import environment

SIGNING = "canary-signing-3f1b77"
PROMPT = "canary-prompt-77ab"
WEBHOOKS = "/webhooks/*"


@dataclass
class Life:
    """One bot's life from its first start to its last, and all that it left behind."""

    discord: Discord
    omixa: Omixa
    data: Path
    logs: list[str] = field(default_factory=list)

    async def ran(self, *arguments: str) -> None:
        """Run a command to its end and keep what it said."""
        async with running("bot", *arguments, cwd=self.data, env=self.env) as process:
            assert await process.ends() == 0
        self.logs += process.lines

    @property
    def env(self) -> dict[str, str]:
        more = {"LOG_LEVEL": "DEBUG", "OMIXA_SIGNING_SECRET": SIGNING}
        return dict(environment(self.discord, self.omixa, self.data, **more))

    @property
    def ann(self) -> Person:
        return self.discord.people["ann"]

    async def orders(self, *odd: faults.Fault, **options: object) -> Interaction:
        """Order and wait until it is told how that ended."""
        self.omixa.next(*odd)
        wanted = {"prompt": f"{PROMPT} @everyone {self.pings}", "size": "0.5K"} | options
        answer = await self.ann.slash("imagine", options=wanted)
        await self.told(answer)
        return answer

    async def told(self, answer: Interaction) -> Message:
        return await self.ann.waits_for(
            lambda one: one is answer.original and one.text and "Ordered" not in one.text,
            within_s=60,
        )

    @property
    def pings(self) -> str:
        role = self.discord.role("Artists")
        return f"<@{self.discord.people['ben'].id}> <@&{role.id}>"

    def messages(self) -> list[Message]:
        return [
            message
            for channel in self.discord.world.channels.values()
            for message in channel.messages.values()
        ]

    def said(self) -> str:
        """Give every word and name of every message, those no person sees included."""
        written = [self.discord.messages.raw(message) for message in self.messages()]
        return json.dumps(written, ensure_ascii=False)

    def kept(self) -> dict[Path, bytes]:
        """Give every byte on the disk."""
        return {
            path.relative_to(self.data): path.read_bytes()
            for path in self.data.rglob("*")
            if path.is_file()
        }


async def lived(life: Life) -> None:
    """Order, fail, be killed and come back, back up and look things up."""
    echo = f"Incorrect API key provided: {life.omixa.key}."
    async with running("bot", cwd=life.data, env=life.env) as process:
        await process.says("ready")
        await life.orders()
        await life.orders(private=True, count=2)
        await life.orders(faults.status(422, message=echo))
        await life.orders(faults.garbage(echo))
        await life.orders(faults.reset_after_success())
        await looked_around(life)
        life.discord.faults.fail("PATCH", WEBHOOKS, times=3)
        life.discord.faults.fail("POST", "/channels/*/messages", times=20)
        calls = life.omixa.calls
        answer = await life.ann.slash("imagine", prompt=PROMPT, size="0.5K")
        await until(lambda: life.omixa.calls > calls)
        await process.kill()
        await process.ends()
    life.logs += process.lines
    life.discord.faults.ordered.clear()
    life.omixa.script([])
    async with running("bot", cwd=life.data, env=life.env) as process:
        await process.says("ready")
        await life.told(answer)
        await life.orders(faults.redirect(307, f"https://elsewhere.example/?key={life.omixa.key}"))
        await life.ran("backup")
        process.stop()
        assert await process.ends() == 0
    life.logs += process.lines
    await life.ran("verify")


async def looked_around(life: Life) -> None:
    """Use what is no order."""
    for command in ("quota", "help", "budget view"):
        await life.told(await life.ann.slash(command))
    form = await life.ann.slash("imagine")
    answer = await life.ann.submit(form, Prompt=PROMPT)
    await life.told(answer)
    await life.ann.autocomplete("imagine", focused="model", value="im", prompt=PROMPT)


async def test_i22_secrets_stay_where_they_belong_and_nobody_else_is_pinged(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    async with (
        Discord.running(data=tmp_path / "cdn", clock=MovableClock(), rate_limits=False) as discord,
        Omixa.running() as omixa,
    ):
        omixa.switches.signing_secret = SIGNING
        life = Life(discord, omixa, data)
        await lived(life)

    secrets = {discord.token, omixa.key, SIGNING}
    tokens = {one.token for one in discord.answers.everything.values()}
    kept, logs, said = life.kept(), "".join(life.logs), life.said()
    assert_searched(kept, logs, said)
    for secret in secrets | tokens:
        assert secret not in logs
        assert secret not in said
    assert PROMPT not in logs
    for path, content in kept.items():
        banned = secrets if path.name in {"easel.db", "easel.db-wal"} else secrets | tokens
        assert not [secret for secret in banned if secret.encode() in content], path
    for record in omixa.requests:
        sent = json.dumps([record.headers, record.body])
        assert not [secret for secret in secrets | tokens if secret in sent]
    assert_nobody_else_is_pinged(life)


def assert_searched(kept: Mapping[Path, bytes], logs: str, said: str) -> None:
    """What a job is called stands wherever it was looked for: the search itself works."""
    (job, *_) = {path.parts[2].partition(".")[0] for path in kept if path.match("spool/kept/*/*")}
    assert "outcome unknown" in logs
    assert job in said
    assert job.encode() in kept[Path("easel.db")]
    assert [path for path in kept if path.match("backups/*")]
    assert any(job.encode() in content for path, content in kept.items() if path.match("backups/*"))
    assert PROMPT in said


def assert_nobody_else_is_pinged(life: Life) -> None:
    for message in life.messages():
        if message.author is life.discord.bot:
            assert {user.id for user in message.mentions} <= {life.ann.id}, message
            assert not message.mention_roles
            assert not message.mention_everyone
