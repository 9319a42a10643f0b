"""Records that stand on their topics on a real Kafka, as the relay would have put them there."""

from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaProducer, ConsumerRecord


async def publish(bootstrap_servers: str, *transactions: Sequence[ConsumerRecord]) -> None:
    """Publish records by key, each sequence of them in a transaction of its own, which leaves its marker."""
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


async def _send(producer: AIOKafkaProducer, records: Iterable[ConsumerRecord]) -> None:
    sent = [await producer.send(one.topic, one.value, key=one.key, headers=list(one.headers)) for one in records]
    for future in sent:
        await future
