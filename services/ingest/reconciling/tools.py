"""What comparing with Calendly works with."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import asyncpg

from domain.ownership import Draw
from services.ingest.calendly.client import Calendly, open_calendly
from services.ingest.connections.rows import Row, Rows
from services.ingest.event_store import EventStore
from services.ingest.secrets.vault import Vault
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
    vault = Vault(settings.secret_keys)
    async with open_calendly(str(settings.calendly_api_url), patience=PATIENCE) as calendly:

        async def calendly_of(row: Row) -> Calendly:
            return calendly(vault.open(row.token, owner=row.id).decode())

        yield Tools(
            pool=pool,
            store=store,
            rows=Rows(pool),
            calendly_of=calendly_of,
            clock=lambda: datetime.now(UTC),
            draw=secrets.choice,
            reconnect_import=settings.reconnect_import,
        )
