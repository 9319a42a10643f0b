"""A consumer of the topics that projections read, set for fast reading; for the limit and the hand-written loop."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from bookstream_contracts import TOPICS

from benchmarks.given import Given

TOPIC_OF = {"appointments": "crm.calendly.bookings.v1", "contacts": "crm.calendly.contacts.v1"}
"""The topic that each projection reads."""

_PARTITIONS = {topic.name: range(topic.partitions) for topic in TOPICS}


@asynccontextmanager
async def open_reader(
    given: Given, *, positions: Mapping[TopicPartition, int] | None = None
) -> AsyncIterator[AIOKafkaConsumer]:
    """Yield a consumer, in no group, of all the partitions from the positions or zero. Raises KafkaConnectionError."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=given.bootstrap_servers,
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_partition_fetch_bytes=4 * 1024 * 1024,
        fetch_max_bytes=64 * 1024 * 1024,
    )
    await consumer.start()
    try:
        topics = [TOPIC_OF[name] for name in given.names]
        places = [TopicPartition(topic, number) for topic in topics for number in _PARTITIONS[topic]]
        consumer.assign(places)
        for place in places:
            consumer.seek(place, (positions or {}).get(place, 0))
        yield consumer
    finally:
        await consumer.stop()
