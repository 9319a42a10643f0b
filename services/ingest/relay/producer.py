"""The transactional producer: records and the relay's position in one Kafka transaction, all or nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.structs import OffsetAndMetadata

from services.ingest.event_store.published import Published
from services.ingest.relay.position import GROUP, PLACE

log = structlog.get_logger(__name__)

TRANSACTIONAL_ID = "bookstream-relay"
RETRY_BACKOFF_MS = 1
"""After each commit the coordinator turns the next transaction's first request away once; this is how long aiokafka
waits then. Its default of 100 would be the time of every transaction."""
AT_MOST = 15.0
"""Seconds for one transaction. While the broker is away aiokafka tries again every RETRY_BACKOFF_MS, which burns a
processor; so the producer is thrown away and made anew, with a back-off of ours."""


class TransactionalProducer:
    """Publishes batches exactly once; opening one fences off every older one."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    @classmethod
    @asynccontextmanager
    async def open(cls, bootstrap_servers: str) -> "AsyncIterator[TransactionalProducer]":
        """Start the producer; what an older one left unfinished is aborted before this returns."""
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap_servers,
            client_id=TRANSACTIONAL_ID,
            transactional_id=TRANSACTIONAL_ID,
            enable_idempotence=True,
            acks="all",
            retry_backoff_ms=RETRY_BACKOFF_MS,
            max_batch_size=128 * 1024,
            transaction_timeout_ms=30_000,
        )
        try:
            await asyncio.wait_for(producer.start(), AT_MOST)
            yield cls(producer)
        finally:
            await _stop(producer)

    async def publish(self, records: Sequence[Published], *, position: int) -> None:
        """Put the records on their topics and the position in the group, in one transaction.

        After any error the transaction is left open, and the producer must be thrown away: the next one aborts it.
        Aborting here could wait for the broker that just failed, for ever. Raises KafkaError and TimeoutError.
        """
        async with asyncio.timeout(AT_MOST):
            await self._producer.begin_transaction()
            # The offset goes first: sent after the records it can overtake the partitions' registration.
            await self._producer.send_offsets_to_transaction({PLACE: OffsetAndMetadata(position, "")}, GROUP)
            sent = [
                await self._producer.send(one.topic, key=one.key, value=one.value, headers=one.headers)
                for one in records
            ]
            await asyncio.gather(*sent)
            await self._producer.commit_transaction()


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        await asyncio.wait_for(producer.stop(), 5)
    except Exception as error:  # noqa: BLE001, a producer that is thrown away may fail in any way
        log.info("producer did not stop in order", error=type(error).__name__)
