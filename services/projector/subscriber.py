"""Batch subscribers of FastStream, one per projection, that begin where the stored positions say."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from services.projector.applying import positions
from services.projector.applying.applier import Applier
from services.projector.applying.faults import TRANSIENT
from services.projector.projections import Projection
from services.projector.projections.projection import group_of
from services.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

MOST_RECORDS = 2000
POLL_MS = 5
"""Milliseconds of a poll, and of the pause that FastStream makes after an empty one."""
HINT_EVERY = 1.0
"""Seconds between two commits to Kafka, which are a hint: the rows and their position are committed long before."""


class Assigned(ConsumerRebalanceListener):
    """Seeks every partition that is assigned to its stored position; Kafka's own offset is only a hint."""

    def __init__(self, pool: asyncpg.Pool, *, name: str, version: int) -> None:
        self._pool = pool
        self._name = name
        self._version = version
        self.consumer: Callable[[], AIOKafkaConsumer | None] = lambda: None
        self.partitions: set[TopicPartition] | None = None
        """What is assigned; None before the first assignment."""

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Do nothing: what is in flight commits with its positions, or not at all."""

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Seek. Nothing is read before: from an offset of Kafka's that is ahead, events would be left out for good."""
        consumer = self.consumer()
        assert consumer is not None
        consumer.pause(*assigned)
        known = await self._known()
        for place in assigned:
            consumer.seek(place, known.get((place.topic, place.partition), 0))
        consumer.resume(*assigned)
        self.partitions = assigned

    async def _known(self) -> dict[positions.Place, int]:
        backoff = Backoff()
        while True:
            try:
                async with self._pool.acquire() as connection:
                    return await positions.load(connection, name=self._name, version=self._version)
            except TRANSIENT as error:
                log.warning("positions cannot be read", projection=self._name, error=type(error).__name__)
            await backoff.wait()


def subscribe(
    broker: KafkaBroker, projection: Projection, applier: Applier, assigned: Assigned, *, version: int
) -> None:
    """Add a projection's subscriber: manual acknowledgement, earliest, read committed (DESIGN 6.5)."""
    subscriber = broker.subscriber(
        projection.topic,
        batch=True,
        group_id=group_of(projection.name, version),
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_records=MOST_RECORDS,
        batch_timeout_ms=POLL_MS,
        fetch_max_wait_ms=500,
        max_partition_fetch_bytes=1024 * 1024,
        listener=assigned,
        parser=_parse,
        decoder=_decode,
    )
    assigned.consumer, hinted = (lambda: subscriber.consumer), 0.0

    @subscriber
    async def apply(message: Any) -> None:
        # The message comes as the body: every parameter that FastStream injects costs a hop to a thread.
        nonlocal hinted
        # FastStream's messages are rings, which are collected rarely: with their records they held 300 MB.
        records, message.raw_message = message.raw_message, message.raw_message[:1]
        with suppress(positions.VersionGone):
            await applier.apply(records)
        if time.monotonic() - hinted > HINT_EVERY:
            await message.ack()
            hinted = time.monotonic()


async def _parse(raw: tuple[ConsumerRecord, ...], original: Callable[[Any], Awaitable[Any]]) -> Any:
    # FastStream decodes headers before any handler sees them, and drops a whole batch for one that is not UTF-8. It
    # needs no record but a first and a last one, and takes its time for each.
    message = await original(tuple(replace(record, headers=()) for record in (raw[0], raw[-1])))
    message.raw_message = raw
    return message


async def _decode(message: Any, _: Callable[[Any], Awaitable[Any]]) -> Any:
    return message
