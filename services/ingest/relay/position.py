"""How far the relay has come, read from Kafka: its group's offset, else the newest record on the topics."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from bookstream_contracts import TOPICS

from services.runtime.envelope import POSITION
from services.runtime.topics import partitions_of

log = structlog.get_logger(__name__)

GROUP = "bookstream-relay"
PLACE = TopicPartition("crm.calendly.bookings.v1", 0)
"""Where the group's offset stands. The offset is a position in the event store's log, not in this partition."""
LOOK_BACK = (16, 1_000, 100_000)
"""Offsets to look back from a partition's end; commit markers take offsets too, so the last one may hold no record."""


async def read_position(bootstrap_servers: str) -> int:
    """Return the position of the last event that stands on the topics; 0 only where they hold no record.

    A group's offset expires after a week without a commit. Then the highest `ce_position` at the tails of the topics
    says the same.
    """
    async with _consumer(bootstrap_servers) as consumer:
        committed = await consumer.committed(PLACE)
        if committed is not None:
            return int(committed)
        found = await _at_tails(consumer, await _places(bootstrap_servers))
        log.warning("relay position not found, taken from the topics", position=found)
        return found


@asynccontextmanager
async def _consumer(bootstrap_servers: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        group_id=GROUP,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    consumer.assign([PLACE])
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _places(bootstrap_servers: str) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        return await partitions_of(admin, *(topic.name for topic in TOPICS if topic.owner == "ingest"))
    finally:
        await admin.close()


async def _at_tails(consumer: AIOKafkaConsumer, places: list[TopicPartition]) -> int:
    firsts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    filled = [place for place in places if ends[place] > firsts[place]]
    return max([await _at_tail(consumer, place, firsts[place], ends[place]) for place in filled], default=0)


async def _at_tail(consumer: AIOKafkaConsumer, place: TopicPartition, first: int, end: int) -> int:
    consumer.assign([place])
    for back in (*LOOK_BACK, end):
        found = await _highest_from(consumer, place, max(first, end - back), end)
        if found or end - back <= first:
            return found
    return 0


async def _highest_from(consumer: AIOKafkaConsumer, place: TopicPartition, start: int, end: int) -> int:
    highest = 0
    consumer.seek(place, start)
    while await consumer.position(place) < end:
        records = (await consumer.getmany(place, timeout_ms=1000)).get(place, [])
        for record in records:
            stamped = dict(record.headers).get(POSITION)
            highest = max(highest, int(stamped) if stamped else 0)
    return highest
