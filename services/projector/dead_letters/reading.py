"""Reads single records again, at their offsets."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from services.projector.dead_letters.letters import Origin

AT_MOST = 30.0
"""Seconds for one reading."""
NEAR = 500
"""Offsets that are rather read than jumped over."""
WAIT_MS = 5
"""How long the broker holds a request for which there is nothing: the next one waits behind it."""


class Reader:
    """A consumer that belongs to no group."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._ends: dict[TopicPartition, int] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, bootstrap_servers: str) -> "AsyncIterator[Reader]":
        """Connect, and disconnect at the end. Raises KafkaConnectionError."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap_servers,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=256 * 1024,
            fetch_max_wait_ms=WAIT_MS,
        )
        await consumer.start()
        try:
            yield cls(consumer)
        finally:
            await consumer.stop()

    async def read(self, origins: Iterable[Origin]) -> dict[Origin, ConsumerRecord]:
        """Return records by their origins; those that retention or compaction took are left out. Raises KafkaError."""
        by_place: dict[TopicPartition, list[int]] = {}
        for topic, partition, position in sorted(set(origins)):
            by_place.setdefault(TopicPartition(topic, partition), []).append(position)
        found: dict[Origin, ConsumerRecord] = {}
        try:
            async with asyncio.timeout(AT_MOST):
                for place, positions in by_place.items():
                    records = [one async for one in self._read(place, positions)]
                    found |= {(one.topic, one.partition, one.offset): one for one in records}
        except TimeoutError:
            raise KafkaTimeoutError(f"no answer within {AT_MOST:g} s") from None
        return found

    async def _read(self, place: TopicPartition, positions: Sequence[int]) -> AsyncIterator[ConsumerRecord]:
        left, at = deque(await self._there(place, positions)), None
        while left:
            if at is None or not at <= left[0] <= at + NEAR:
                self._consumer.seek(place, left[0])
            batch = (await self._consumer.getmany(place, timeout_ms=WAIT_MS)).get(place, ())
            at = await self._consumer.position(place)
            # A record that is not in the batch, though its offset is passed, is gone.
            passed = {left.popleft() for _ in range(sum(one < at for one in left))}
            for record in batch:
                if record.offset in passed:
                    yield record

    async def _there(self, place: TopicPartition, positions: Sequence[int]) -> Sequence[int]:
        """Turn to a partition and return those positions that it can have."""
        if self._consumer.assignment() != {place}:
            self._consumer.assign([place])
        if self._ends.get(place, 0) <= positions[-1]:
            self._ends[place] = (await self._consumer.end_offsets([place]))[place]
        return [one for one in positions if one < self._ends[place]]
