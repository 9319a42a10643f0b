"""Connections to PostgreSQL for our own statements."""

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Connection = asyncpg.Connection | PoolConnectionProxy
"""A connection, of one's own or on loan from a pool."""


def pool(database_url: str, *, connections: int = 10) -> asyncpg.Pool:
    """Return a pool, to be opened by `async with`; statements that take over a minute fail."""
    return asyncpg.create_pool(database_url, min_size=1, max_size=connections, command_timeout=60)
