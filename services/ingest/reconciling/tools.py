"""What comparing with Calendly works with."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from domain.ownership import Draw
from services.ingest.calendly.client import Calendly
from services.ingest.connections.dependencies import open_dependencies
from services.ingest.connections.rows import Row, Rows
from services.ingest.event_store import EventStore
from services.ingest.settings import IngestSettings

PATIENCE = 90.0
"""Seconds that a call waits for Calendly; longer than the minute after which its rate limit begins anew."""

ReconnectImport = Literal["window", "forward"]


@dataclass(frozen=True, kw_only=True)
class Tools:
    """Opened by the composition root; `calendly_of` gives a client with a connection's own token."""

    pool: asyncpg.Pool
    store: EventStore
    rows: Rows
    calendly_of: Callable[[Row], Awaitable[Calendly]]
    clock: Callable[[], datetime]
    draw: Draw
    reconnect_import: ReconnectImport = "window"


@asynccontextmanager
async def open_tools(settings: IngestSettings, pool: asyncpg.Pool, store: EventStore) -> AsyncIterator[Tools]:
    """Open what a process that compares needs."""
    async with open_dependencies(settings, pool, store, patience=PATIENCE) as deps:
        yield Tools(
            pool=pool,
            store=store,
            rows=deps.rows,
            calendly_of=deps.calendly_of,
            clock=deps.clock,
            draw=secrets.choice,
            reconnect_import=settings.reconnect_import,
        )
