"""Bookings in an event store, a relay that follows it to a real Kafka, and what stands on the topics then."""

import asyncio
import gc
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from bookstream_contracts import TOPICS
from prometheus_client import CollectorRegistry

from services.ingest.event_store import EventStore
from services.ingest.event_store.published import published
from services.ingest.leadership import StandDown
from services.ingest.notices import listen
from services.ingest.relay.position import read_position
from services.ingest.relay.relay import Relay
from services.runtime.topics import create_topics
from tests.support.importing import Imports, booking, calendar, open_imports
from tests.support.ingest import tables
from tests.support.scene import until

Events = dict[tuple[str, bytes], list[tuple[int, int]]]
"""By topic and key: the sequence and position of each event, in order."""


@dataclass(kw_only=True)
class Stage:
    """Where events come from and where they go."""

    kafka: str
    database_url: str
    imports: Imports

    @property
    def store(self) -> EventStore:
        """The event store."""
        return self.imports.store

    async def booked(self, count: int) -> None:
        """Import bookings of three people on a calendar of its own, which makes events of all topics."""
        self.imports = Imports(pool=self.imports.pool, store=self.store)
        connection = await self.imports.connected(calendar())
        deliveries = [booking(number, email=f"guest{number % 3}@mail.example") for number in range(count)]
        await self.imports.arrives(connection, *deliveries)
        await self.imports.import_all()

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator["asyncio.Task[None]"]:
        """Relay as long as the context lasts; yield the task."""
        async with EventStore.open(self.database_url) as store, listen(self.database_url, "events") as notices:
            relay = Relay(store=store, notices=notices, bootstrap_servers=self.kafka, registry=CollectorRegistry())
            task = asyncio.create_task(relay.run())
            try:
                yield task
            finally:
                await ended(task)

    async def caught_up(self) -> None:
        """Wait until the relay's position is that of the newest event."""
        end = await self.store.end()

        async def condition() -> bool:
            return await read_position(self.kafka) == end

        await until(condition, "the relay has caught up", within=40)

    async def stored(self) -> Events:
        """Return all events that belong on topics."""
        found: Events = defaultdict(list)
        for entry in await self.store.read(after=0, limit=100_000):
            record = published(entry)
            if record is not None:
                found[record.topic, record.key].append((entry.event.originator_version, entry.position))
        return found

    async def on_topics(self, *, isolation_level: str = "read_committed") -> Events:
        """Return all events that stand on topics."""
        found: Events = defaultdict(list)
        names = [topic.name for topic in TOPICS if topic.owner == "ingest"]
        consumer = AIOKafkaConsumer(
            *names, bootstrap_servers=self.kafka, isolation_level=isolation_level, auto_offset_reset="earliest"
        )
        async with consumer:
            ends = await consumer.end_offsets(list(consumer.assignment()))
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    for one in records:
                        found[one.topic, one.key or b""].append(_places(one))
        return found


async def ended(task: "asyncio.Task[None]") -> None:
    """End a relay as a stopping process does."""
    task.cancel()
    with suppress(asyncio.CancelledError, StandDown):
        await task


def _places(record: ConsumerRecord) -> tuple[int, int]:
    headers = dict(record.headers)
    return int(headers["ce_sequence"]), int(headers["ce_position"])


@pytest.fixture(scope="module")
async def subaccounts(database_url: str) -> AsyncIterator[Callable[[], Imports]]:
    await tables(database_url)
    async with open_imports(database_url) as opened:
        yield opened


@pytest.fixture
async def stage(empty_kafka: str, database_url: str, subaccounts: Callable[[], Imports]) -> AsyncIterator[Stage]:
    await create_topics(empty_kafka)
    yield Stage(kafka=empty_kafka, database_url=database_url, imports=subaccounts())
    # A producer that was fenced off leaves a future whose error asyncio tells when it is collected. Python 3.11 fails
    # where that falls into the parsing of a module, as pytest's of the next one.
    gc.collect()
