"""Ingest's composition root: everything it needs is opened here, and closed in the reverse order."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
from prometheus_client import CollectorRegistry

from services.ingest.connections.dependencies import open_dependencies
from services.ingest.connections.watch_loop import WatchLoop
from services.ingest.event_store import EventStore
from services.ingest.importing.importer import Importer
from services.ingest.importing.loop import ImportLoop
from services.ingest.inbox.inbox import Inbox
from services.ingest.leadership import lead
from services.ingest.notices import listen
from services.ingest.reconciling.loop import ReconcileLoop
from services.ingest.reconciling.tools import open_tools
from services.ingest.relay.relay import Relay
from services.ingest.removing.loop import RemovalLoop
from services.ingest.removing.removals import Removals
from services.ingest.removing.remove_appointments import RemoveAppointments
from services.ingest.settings import IngestSettings
from services.ingest.web import open_operations, open_web
from services.runtime.database import pool as database_pool
from services.runtime.health import Check, Checks
from services.runtime.server import run_together, serve

PARTS = ("http", "import", "relay", "reconcile")

Work = Callable[[], Awaitable[None]]


async def run(settings: IngestSettings, *, host: str, port: int, only: frozenset[str]) -> None:
    """Run the parts named until SIGTERM or SIGINT; health and metrics are served in any case.

    Raises SettingsError, OSError and the database's errors at the start, PartFailed later.
    """
    registry, parts, checks = CollectorRegistry(), dict[str, Work](), dict[str, Check]()
    async with (
        database_pool(settings.database) as pool,
        EventStore.open(settings.database) as store,
        AsyncExitStack() as opened,
    ):
        checks["database"] = lambda: pool.fetchval("SELECT count(*) FROM (SELECT 1 FROM ingest.inbox LIMIT 1) AS one")
        if "import" in only:
            parts["import"] = await opened.enter_async_context(_import(settings, pool, store, registry))
            parts["removal"] = await opened.enter_async_context(_removal(settings, pool, store, registry))
        if "relay" in only:
            relay = await opened.enter_async_context(_relay(settings, store, registry))
            parts["relay"] = lambda: lead(settings.database, "bookstream-relay", relay.run)
            checks["relay"] = relay.advances
        if "reconcile" in only:
            parts["reconcile"] = await opened.enter_async_context(_reconcile(settings, pool, store, registry))
            parts["watch"] = await opened.enter_async_context(_watch(settings, pool, store))
        if "http" in only:
            web = open_web(settings, pool, store, checks=Checks(checks), registry=registry)
            app = await opened.enter_async_context(web)
        else:
            app = open_operations(settings, Checks(checks), registry)
        await run_together({**parts, "http": lambda: serve(app, host=host, port=port)})


@asynccontextmanager
async def _import(
    settings: IngestSettings, pool: asyncpg.Pool, store: EventStore, registry: CollectorRegistry
) -> AsyncIterator[Work]:
    async with listen(settings.database, "inbox") as notices:
        importer = Importer(store=store, inbox=Inbox(pool), clock=_now, draw=secrets.choice)
        loop = ImportLoop(importer, notices, registry)
        yield lambda: lead(settings.database, "bookstream-import", loop.run)


@asynccontextmanager
async def _removal(
    settings: IngestSettings, pool: asyncpg.Pool, store: EventStore, registry: CollectorRegistry
) -> AsyncIterator[Work]:
    async with listen(settings.database, "removals") as notices:
        use_case = RemoveAppointments(store=store, removals=Removals(pool), clock=_now)
        loop = RemovalLoop(use_case, notices, registry)
        yield lambda: lead(settings.database, "bookstream-removal", loop.run)


@asynccontextmanager
async def _reconcile(
    settings: IngestSettings, pool: asyncpg.Pool, store: EventStore, registry: CollectorRegistry
) -> AsyncIterator[Work]:
    async with open_tools(settings, pool, store) as tools, listen(settings.database, "restores") as notices:
        every = timedelta(seconds=settings.reconcile_every)
        yield ReconcileLoop(tools, notices, registry, every=every).run


@asynccontextmanager
async def _watch(settings: IngestSettings, pool: asyncpg.Pool, store: EventStore) -> AsyncIterator[Work]:
    async with open_dependencies(settings, pool, store) as deps:
        loop = WatchLoop(deps, every=settings.reconcile_every)
        yield lambda: lead(settings.database, "bookstream-watch", loop.run)


@asynccontextmanager
async def _relay(settings: IngestSettings, store: EventStore, registry: CollectorRegistry) -> AsyncIterator[Relay]:
    async with listen(settings.database, "events") as notices:
        servers = settings.kafka_bootstrap_servers
        yield Relay(store=store, notices=notices, bootstrap_servers=servers, registry=registry)


def _now() -> datetime:
    return datetime.now(UTC)
