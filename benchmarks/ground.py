"""A database and topics of one's own for a benchmark, removed afterwards."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from bookstream_contracts import TOPICS

from devstack.stack import Stack
from services.cli import tables
from services.runtime.topics import create_topics

WITHIN = 30.0
"""Seconds that the deletion of topics may take."""


class Occupied(Exception):
    """Kafka holds Bookstream's topics already; benchmarks write to them and delete them."""

    def __init__(self) -> None:
        super().__init__(
            "The Kafka that KAFKA_BOOTSTRAP_SERVERS names holds Bookstream's topics, and the benchmarks would delete "
            "them. Name a Kafka for benchmarks, or none."
        )


@asynccontextmanager
async def open_ground(stack: Stack) -> AsyncIterator[Stack]:
    """Yield the stack with an empty database, on a Kafka without our topics. Raises Occupied."""
    if await _ours(stack.kafka_bootstrap_servers):
        raise Occupied
    name = f"bench_{uuid.uuid4().hex}"
    server = await asyncpg.connect(stack.database_url)
    try:
        await server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield replace(stack, database_url=urlsplit(stack.database_url)._replace(path=f"/{name}").geturl())
        finally:
            await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            await _delete_topics(stack.kafka_bootstrap_servers)
    finally:
        await server.close()


@asynccontextmanager
async def open_migrated(stack: Stack) -> AsyncIterator[Stack]:
    """Yield a ground with all tables and topics."""
    async with open_ground(stack) as own:
        for service in ("ingest", "projector"):
            await asyncio.to_thread(tables.migrate, service, own.database_url)
        await create_topics(own.kafka_bootstrap_servers)
        yield own


async def _ours(bootstrap_servers: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        names = {topic.name for topic in TOPICS}
        return [name for name in await admin.list_topics() if name in names]
    finally:
        await admin.close()


async def _delete_topics(bootstrap_servers: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics(await _ours(bootstrap_servers))
    finally:
        await admin.close()
    deadline = time.monotonic() + WITHIN
    while await _ours(bootstrap_servers) and time.monotonic() < deadline:  # noqa: ASYNC110, Kafka tells nobody
        await asyncio.sleep(0.05)
