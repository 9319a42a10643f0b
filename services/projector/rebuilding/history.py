"""Reads partitions from stored positions to their ends, as fast as the broker gives."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

MOST_RECORDS = 5000
PARTITION_BYTES = 4 * 1024 * 1024
FETCH_BYTES = 64 * 1024 * 1024
WAIT_MS = 200
"""Milliseconds that one read waits for records; a partition may end in markers that are none."""


@dataclass(frozen=True, slots=True)
class Read:
    """Records of several partitions, each partition's in order, and the positions after them."""

    records: Sequence[ConsumerRecord]
    positions: Mapping[TopicPartition, int]


class History:
    """A consumer that belongs to no group."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def read(
        self,
        starts: Mapping[TopicPartition, int],
        ends: Mapping[TopicPartition, int],
        *,
        at_once: int = MOST_RECORDS,
    ) -> AsyncIterator[Read]:
        """Yield what stands from the starts to the ends, so many records at once; nothing at or after an end."""
        self._consumer.assign(list(starts))
        for place, position in starts.items():
            self._consumer.seek(place, position)
        unfinished = {place for place, position in starts.items() if position < ends[place]}
        self._consumer.pause(*(starts.keys() - unfinished))
        while unfinished:
            batches = await self._consumer.getmany(timeout_ms=WAIT_MS, max_records=at_once)
            positions = {place: min(await self._consumer.position(place), ends[place]) for place in unfinished}
            finished = {place for place, position in positions.items() if position >= ends[place]}
            records = [one for place, batch in batches.items() for one in batch if one.offset < ends[place]]
            self._consumer.pause(*finished)
            unfinished -= finished
            yield Read(records, positions)


@asynccontextmanager
async def open_history(bootstrap_servers: str) -> AsyncIterator[History]:
    """Connect, and disconnect at the end. Raises KafkaConnectionError."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_partition_fetch_bytes=PARTITION_BYTES,
        fetch_max_bytes=FETCH_BYTES,
    )
    await consumer.start()
    try:
        yield History(consumer)
    finally:
        await consumer.stop()
