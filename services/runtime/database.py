"""Connections to PostgreSQL for our own statements."""

from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Connection = asyncpg.Connection | PoolConnectionProxy
"""A connection, of one's own or on loan from a pool."""


def pool(database_url: str, *, connections: int = 10, patience: float | None = 60) -> asyncpg.Pool:
    """Return a pool, to be opened by `async with`; statements that take longer than `patience` seconds fail."""
    return asyncpg.create_pool(
        database_url, min_size=1, max_size=connections, command_timeout=patience, init=_use_plain_uuid
    )


async def _use_plain_uuid(connection: asyncpg.Connection) -> None:
    # asyncpg has a class of its own for UUIDs, which what compares or encodes by exact type does not know.
    await connection.set_type_codec(
        "uuid", schema="pg_catalog", format="binary", encoder=lambda it: it.bytes, decoder=lambda it: UUID(bytes=it)
    )
