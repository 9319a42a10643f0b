"""One process at a time compares a connection with Calendly: an advisory lock, held by a session of the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from services.runtime.database import Connection


class Busy(Exception):
    """Another process is at it already."""

    def __init__(self, connection_id: UUID) -> None:
        super().__init__(f"Connection {connection_id} is being compared with Calendly by another process. Wait for it.")


class Alone:
    """That nobody else does the same work."""

    def __init__(self, session: Connection) -> None:
        self._session = session

    async def check(self) -> None:
        """Make sure that the session, and with it the lock, is still there. Raises the database's errors."""
        await self._session.fetchval("SELECT 1", timeout=5)


@asynccontextmanager
async def alone(pool: asyncpg.Pool, work: str, of: UUID) -> AsyncIterator[Alone]:
    """Hold the lock of this work as long as the context lasts. Raises Busy where another process holds it."""
    async with pool.acquire() as session:
        name = f"bookstream-{work} {of}"
        if not await session.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", name):
            raise Busy(of)
        # The pool gives up all locks of a session that comes back to it.
        yield Alone(session)
