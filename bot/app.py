"""The composition root: builds every room, runs the bot, closes all in reverse."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

import discord
import structlog

from bot.chat.alerts import Alerts
from bot.chat.asks import Asks
from bot.chat.client import Client, Rooms, point_discord_at
from bot.chat.counter import Counter
from bot.chat.courier import Courier
from bot.chat.defaults_panel import DefaultsPanel
from bot.chat.gallery import Gallery
from bot.chat.pace import Pace
from bot.chat.parcels import Packer
from bot.chat.presets_panel import PresetsPanel
from bot.chat.remix import Remix
from bot.chat.replies import Replies
from bot.chat.sources import Sources
from bot.core import catalogue
from bot.core.clock import Clock
from bot.core.tasks import Tasks
from bot.gateway.client import Access, Gateway, Timeouts
from bot.gateway.client import opened as opened_gateway
from bot.gateway.downloads import opened as opened_downloads
from bot.imaging.charts import Charts
from bot.imaging.imaging import Imaging
from bot.ops.heartbeat import Heartbeat
from bot.ops.http import served
from bot.ops.metrics import Metrics
from bot.ops.settings import BadSettings, Settings
from bot.spool.references import ReferenceShelf
from bot.spool.spool import Spool
from bot.store.backups import Backups, check_not_lost
from bot.store.rules import Defaults, Terms
from bot.store.store import Store
from bot.store.store import opened as opened_store
from bot.studio.desk import Desk
from bot.studio.doubts import Doubts
from bot.studio.pauses import Pauses
from bot.studio.recovery import Recovery
from bot.studio.references import Intake
from bot.studio.shelf import Shelf
from bot.studio.turns import Turns
from bot.studio.worker import Worker

EXTENSIONS = (
    *("cogs.imagine", "cogs.quota", "cogs.usage", "cogs.receipt", "cogs.help", "cogs.admin"),
    *("cogs.edit", "cogs.pictures", "cogs.replies", "cogs.history"),
    *("cogs.budget", "cogs.grants", "cogs.teams", "cogs.events", "cogs.choices", "cogs.reports"),
    *("cogs.settings", "cogs.presets"),
)
GRACE_S = 25.0  # of the 30 s a container has to stop in

_FATAL_CLOSES = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
_AGAIN_FIRST_S = 1.0
_AGAIN_MAX_S = 60.0

log = structlog.get_logger(__name__)


class RefusedByDiscord(Exception):
    """The token or the intents are not accepted; trying again would not help."""


@dataclass(slots=True)
class Easel:
    """The running bot: what stays when a connection to Discord is replaced by another."""

    settings: Settings
    rooms: Rooms
    courier: Courier
    pauses: Pauses
    clock: Clock
    ready_timeout_s: float
    client: Client | None = None
    _refused: asyncio.Future[None] = field(default_factory=asyncio.Future)

    async def ready(self) -> None:
        """Wait until the bot is connected and its commands are registered."""
        await self.courier.connected()

    async def over(self) -> None:
        """Wait for the end that comes by itself.

        Raises:
            RefusedByDiscord: when the token or the intents are not accepted.
        """
        await self._refused

    async def is_connected(self) -> bool:
        """Tell whether Discord's events arrive."""
        return self.client is not None and self.client.is_ready() and not self.client.is_closed()

    async def serve(self) -> None:
        """Stay connected until cancelled or refused."""
        try:
            await self._stay_connected()
        except RefusedByDiscord as error:
            self._refused.set_exception(error)

    async def _stay_connected(self) -> None:
        """Make a connection that breaks for good anew; the library mends the others."""
        wait_s = _AGAIN_FIRST_S
        while True:
            client = Client(
                self.rooms, EXTENSIONS, self.courier.serve, ready_timeout_s=self.ready_timeout_s
            )
            self.client = client
            try:
                async with client:
                    await client.start(self.settings.discord_token.get_secret_value())
            except (discord.LoginFailure, discord.PrivilegedIntentsRequired) as error:
                raise RefusedByDiscord(str(error)) from error
            except discord.ConnectionClosed as error:
                if error.code in _FATAL_CLOSES:
                    raise RefusedByDiscord(str(error)) from error
                log.warning("connection closed", code=error.code)
            except Exception:
                log.exception("the connection broke")
            await self.courier.serve(None)
            wait_s = _AGAIN_FIRST_S if client.was_ready else min(wait_s * 2, _AGAIN_MAX_S)
            await self.clock.sleep(wait_s)


@asynccontextmanager
async def built(
    settings: Settings,
    *,
    clock: Clock | None = None,
    timeouts: Timeouts | None = None,
    grace_s: float = GRACE_S,
    ready_timeout_s: float = 2.0,
) -> AsyncGenerator[Easel]:
    """Build the house and connect it; leaving takes no more orders and sees paid ones off.

    Args:
        settings: checked already.
        clock: what everything but the network waits by.
        timeouts: how long the gateway may take.
        grace_s: how long leaving waits for paid work; what is still out then stays SENT.
        ready_timeout_s: how long a fresh connection waits for further servers.

    Raises:
        BadSettings: when a folder or port that is named can't be used.
        StoreError: when the database can't be used or is in use.
        CatalogueError: when the operator's models file is wrong.
    """
    clock = clock or Clock()
    _check_folders(settings)
    point_discord_at(settings.discord_api_url, settings.discord_gateway_url)
    shelf = Shelf(catalogue.load(catalogue.SHIPPED, *filter(None, [settings.models_file])))
    pauses = Pauses(clock)
    metrics = Metrics()
    spool = Spool(settings.data_dir / "spool")
    references = ReferenceShelf(settings.data_dir / "spool", clock)
    turn = asyncio.Lock()
    async with (
        opened_store(settings.database_path, terms=_terms(settings), clock=clock) as store,
        opened_gateway(_access(settings), clock, timeouts=timeouts) as gateway,
        opened_downloads(settings.attachment_hosts) as downloads,
        Imaging(turn=turn) as imaging,
        Tasks(_report) as upkeep,
        Tasks(_report, grace_s=grace_s) as paid_work,
    ):
        packer = Packer(spool, imaging)
        courier = Courier(packer=packer, store=store, shelf=shelf, clock=clock)
        worker = Worker(
            store=store,
            gateway=gateway,
            spool=spool,
            references=references,
            imaging=imaging,
            courier=courier,
            shelf=shelf,
            pauses=pauses,
            turns=Turns(settings.max_calls),
            tasks=paid_work,
            metrics=metrics,
            clock=clock,
        )
        desk = Desk(
            store=store,
            spool=spool,
            shelf=shelf,
            pauses=pauses,
            metrics=metrics,
            servers=settings.guild_allowlist,
            clock=clock,
            accept=worker.take,
        )
        rooms = _rooms(
            desk=desk,
            store=store,
            shelf=shelf,
            worker=worker,
            packer=packer,
            sources=Sources(store, spool, courier.reached),
            intake=Intake(downloads=downloads, imaging=imaging, spool=spool, references=references),
            references=references,
            charts=Charts(turn=turn),
            clock=clock,
        )
        easel = Easel(
            settings,
            rooms,
            courier,
            pauses,
            clock,
            ready_timeout_s,
        )
        doubts = Doubts(store=store, gateway=gateway, metrics=metrics, clock=clock)
        recovery = Recovery(
            store=store,
            spool=spool,
            references=references,
            worker=worker,
            doubts=doubts,
            metrics=metrics,
            clock=clock,
        )
        await recovery.start()
        await _match_models(gateway, shelf)
        async with _http(easel, store, metrics):
            rounds = {
                # The connection outlives paid work, which delivers by it.
                "connection": easel.serve(),
                "recovery": _rounds(recovery, courier),
                "backups": _backups(settings, metrics, clock).rounds(),
                "alerts": Alerts(store, courier.connected, clock).rounds(),
                "heartbeat": _heartbeat(easel, store).run(),
            }
            for name, task in rounds.items():
                _ = upkeep.spawn(name, task)
            try:
                yield easel
            finally:
                pauses.stopping = True


def _rooms(
    *,
    desk: Desk,
    store: Store,
    shelf: Shelf,
    worker: Worker,
    packer: Packer,
    sources: Sources,
    intake: Intake,
    references: ReferenceShelf,
    charts: Charts,
    clock: Clock,
) -> Rooms:
    counter = Counter(desk, store, intake)
    gallery = Gallery(store=store, sources=sources, packer=packer, shelf=shelf, worker=worker)
    remix = Remix(
        counter=counter,
        desk=desk,
        store=store,
        sources=sources,
        intake=intake,
        kept=references,
        shelf=shelf,
        clock=clock,
    )
    pace = Pace(clock)
    return Rooms(
        asks=Asks(counter, desk, store),
        counter=counter,
        remix=remix,
        gallery=gallery,
        replies=Replies(
            desk=desk,
            remix=remix,
            gallery=gallery,
            sources=sources,
            store=store,
            clock=clock,
            pace=pace,
        ),
        defaults=DefaultsPanel(desk, shelf, store),
        presets=PresetsPanel(shelf, store),
        desk=desk,
        shelf=shelf,
        store=store,
        charts=charts,
        clock=clock,
        pace=pace,
    )


@asynccontextmanager
async def _http(easel: Easel, store: Store, metrics: Metrics) -> AsyncGenerator[None]:
    port = easel.settings.http_port
    probes = {"discord": easel.is_connected, "store": lambda: _answers(store)}
    async with AsyncExitStack() as stack:
        if port is not None:
            try:
                await stack.enter_async_context(served(port, probes, metrics))
            except OSError as error:
                raise _unusable("HTTP_PORT", error, "a port nobody else listens on") from error
        yield


def _check_folders(settings: Settings) -> None:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            pass
    except OSError as error:
        raise _unusable("DATA_DIR", error, "a folder that can be written") from error
    check_not_lost(settings.database_path, settings.backups_dir)


def _unusable(name: str, error: OSError, accepted: str) -> BadSettings:
    return BadSettings((f"{name} cannot be used ({error.strerror}); accepted: {accepted}.",))


async def _rounds(recovery: Recovery, courier: Courier) -> None:
    await courier.connected()  # a round before that would find nobody to tell anything to
    await recovery.rounds()


def _backups(settings: Settings, metrics: Metrics, clock: Clock) -> Backups:
    def taken(at: datetime) -> None:
        metrics.newest_backup_s.set(at.timestamp())

    return Backups(settings.database_path, settings.backups_dir, clock, taken)


def _heartbeat(easel: Easel, store: Store) -> Heartbeat:
    async def alive() -> bool:
        return await easel.is_connected() and await _answers(store)

    return Heartbeat(easel.settings.data_dir / "heartbeat", alive, easel.clock)


async def _answers(store: Store) -> bool:
    await store.ping()
    return True


async def _match_models(gateway: Gateway, shelf: Shelf) -> None:
    listed = await gateway.models()
    if listed is None:
        log.info("the gateway lists no models; the catalogue stands as it is")
    else:
        shelf.match(listed)


def _terms(settings: Settings) -> Terms:
    return Terms(
        default_zone=settings.time_zone,
        defaults=Defaults(operator_day=settings.operator_limit_day),
    )


def _access(settings: Settings) -> Access:
    secret = settings.omixa_signing_secret
    return Access(
        base_url=settings.omixa_base_url,
        api_key=settings.omixa_api_key.get_secret_value(),
        signing_secret=secret.get_secret_value() if secret else "",
        picture_hosts=frozenset({urlsplit(settings.omixa_base_url).hostname or ""}),
    )


def _report(name: str, error: BaseException) -> None:
    log.error("a task broke", task=name, exc_info=error)
