"""Looking after connections at work: each of them in turn, again and again."""

import asyncio
from uuid import UUID

import asyncpg
import structlog

from services.ingest.calendly.errors import CalendlyError
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.watch import watch
from services.ingest.secrets.vault import SecretUnreadable

log = structlog.get_logger(__name__)

AT_ONCE = 3

_WATCHED = "SELECT id FROM ingest.connections WHERE state IN ('connected', 'plan_refused') ORDER BY connected_at, id"


class WatchLoop:
    """Looks after all connections every so many seconds. One that fails does not hold up the others."""

    def __init__(self, deps: Dependencies, *, every: float) -> None:
        self._deps = deps
        self._every = every
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Look after connections, for ever. Raises the database's errors."""
        while True:
            await self.one_round()
            await asyncio.sleep(self._every)

    async def one_round(self) -> None:
        """Look after each connection once."""
        async with asyncio.TaskGroup() as group:
            for found in await self._deps.pool.fetch(_WATCHED):
                group.create_task(self._watch(found["id"]))

    async def _watch(self, connection_id: UUID) -> None:
        try:
            async with self._places:
                row = await self._deps.rows.by_id(connection_id)
                if row is not None:
                    await watch(self._deps, row)
        except (CalendlyError, SecretUnreadable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("connection not looked after", connection=str(connection_id), error=type(error).__name__)
