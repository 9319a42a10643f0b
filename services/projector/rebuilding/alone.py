"""One process at a time changes the versions of a projection: an advisory lock, held by a session of the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from services.projector.projections import PROJECTIONS
from services.projector.rebuilding.refusals import BeingChanged, UnknownProjection


@asynccontextmanager
async def alone(pool: asyncpg.Pool, name: str) -> AsyncIterator[None]:
    """Hold a projection's lock as long as the context lasts. Raises UnknownProjection, BeingChanged."""
    if name not in PROJECTIONS:
        raise UnknownProjection(name, sorted(PROJECTIONS))
    async with pool.acquire() as session:
        if not await session.fetchval(
            "SELECT pg_try_advisory_lock(hashtextextended('bookstream-versions ' || $1, 0))", name
        ):
            raise BeingChanged(name)
        # The pool gives up all locks of a session that comes back to it.
        yield
