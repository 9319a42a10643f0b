"""Databases of one's own on the PostgreSQL that tests share."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg


@asynccontextmanager
async def empty_database(server_url: str) -> AsyncIterator[str]:
    """Make an empty database and yield its URL; it is dropped at the end, whoever is still connected."""
    name = f"test_{uuid.uuid4().hex}"
    server = await asyncpg.connect(server_url)
    await server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await server.close()
