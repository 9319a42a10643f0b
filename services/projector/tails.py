"""How far a position is from the end of its partition, exactly: commit markers after the last record are no lag."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.runtime.topics import partitions_of

LOOK_FOR = 2.0
"""Seconds to look for a record between a position and the end."""


@dataclass(frozen=True, slots=True)
class Tail:
    """A position and the partition's end; they are equal where no record lies between them."""

    position: int
    end: int


class Tails:
    """Looks at the ends of partitions with a consumer that belongs to no group."""

    def __init__(self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        self._consumer = consumer
        self._admin = admin
        self._alone = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, bootstrap_servers: str) -> "AsyncIterator[Tails]":
        """Connect, and disconnect at the end. Raises KafkaConnectionError."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap_servers,
            enable_auto_commit=False,
            isolation_level="read_committed",
            max_partition_fetch_bytes=16 * 1024,
            fetch_max_wait_ms=50,
        )
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
        await consumer.start()
        try:
            await admin.start()
            yield cls(consumer, admin)
        finally:
            await admin.close()
            await consumer.stop()

    async def partitions(self, topic: str) -> list[TopicPartition]:
        """Return a topic's partitions; none where there is no such topic."""
        return await partitions_of(self._admin, topic)

    async def ends(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the offset after the last committed record, or its marker, of each partition."""
        return await self._consumer.end_offsets(list(places))

    async def where(self, positions: Mapping[TopicPartition, int]) -> dict[TopicPartition, Tail]:
        """Return each position with its partition's end; a position that only markers follow is moved to the end."""
        async with self._alone:
            ends = await self._consumer.end_offsets(list(positions))
            doubtful = {place: at for place, at in positions.items() if at < ends[place]}
            caught_up = await self._without_records(doubtful, ends) if doubtful else set[TopicPartition]()
        return {
            place: Tail(ends[place] if place in caught_up else at, max(at, ends[place]))
            for place, at in positions.items()
        }

    async def _without_records(
        self, positions: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> set[TopicPartition]:
        self._consumer.assign(list(positions))
        for place, at in positions.items():
            self._consumer.seek(place, at)
        undecided, caught_up = set(positions), set[TopicPartition]()
        deadline = time.monotonic() + LOOK_FOR
        while undecided and time.monotonic() < deadline:
            undecided -= set(await self._consumer.getmany(timeout_ms=20))
            passed = {place for place in undecided if await self._consumer.position(place) >= ends[place]}
            caught_up |= passed
            undecided -= passed
        return caught_up
