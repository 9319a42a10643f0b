"""Records that stand on their topics on a real Kafka, as the relay would have put them there."""

import asyncio
import time
from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

WITHIN = 20.0
"""Seconds that the broker may take to show what was committed."""


async def publish(bootstrap_servers: str, *transactions: Sequence[ConsumerRecord]) -> None:
    """Publish records by key, each sequence of them in a transaction of its own, which leaves its marker.

    Returns once all of them can be read: a commit is answered before its markers are written.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        transactional_id="tests-publish",
        retry_backoff_ms=2,
        enable_idempotence=True,
    )
    async with producer:
        for records in transactions:
            async with producer.transaction():
                await _send(producer, records)
    await _can_be_read(bootstrap_servers, {one.topic for records in transactions for one in records})


async def _can_be_read(bootstrap_servers: str, topics: set[str]) -> None:
    async with (
        _reader(bootstrap_servers, "read_committed") as committed,
        _reader(bootstrap_servers, "read_uncommitted") as all_,
    ):
        places = [TopicPartition(topic, number) for topic in topics for number in await _partitions(all_, topic)]
        deadline = time.monotonic() + WITHIN
        while await committed.end_offsets(places) != await all_.end_offsets(places):
            assert time.monotonic() < deadline, "what was committed cannot be read yet"
            await asyncio.sleep(0.02)


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    await consumer.topics()
    return consumer.partitions_for_topic(topic) or set()


def _reader(bootstrap_servers: str, isolation: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, isolation_level=isolation)


async def _send(producer: AIOKafkaProducer, records: Iterable[ConsumerRecord]) -> None:
    sent = [await producer.send(one.topic, one.value, key=one.key, headers=list(one.headers)) for one in records]
    for future in sent:
        await future
