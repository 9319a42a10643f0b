"""Writes a history to Kafka, a batch for a partition at a time."""

import time

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from bookstream_contracts.testkit import Record

from benchmarks.history import History, partition_of, records
from devstack.jars import Say

BATCH_BYTES = 128 * 1024
"""What the relay sends at most in one batch."""


class Filling:
    """The topics, and how much of the history stands on them."""

    def __init__(self, bootstrap_servers: str, say: Say) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._say = say
        self._written = 0

    async def up_to(self, history: History) -> None:
        """Write what is missing. Raises KafkaError."""
        if history.appointments <= self._written:
            return
        began = time.monotonic()
        async with AIOKafkaProducer(
            bootstrap_servers=self._bootstrap_servers, enable_idempotence=True, max_batch_size=BATCH_BYTES
        ) as producer:
            batches = _Batches(producer)
            for one in records(self._written, history.appointments):
                await batches.add(one)
            await batches.send_rest()
        self._written = history.appointments
        told = f"{sum(history.events.values()):,} events stand on the topics"
        self._say(f"  {told}, written in {time.monotonic() - began:.0f} s")


class _Batches:
    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._open: dict[tuple[str, int], BatchBuilder] = {}

    async def add(self, record: Record) -> None:
        place = record.topic, partition_of(record)
        batch = self._open.get(place) or self._begin(place)
        if not self._append(batch, record):
            await self._send(place)
            self._append(self._begin(place), record)

    async def send_rest(self) -> None:
        for place in list(self._open):
            await self._send(place)
        await self._producer.flush()

    def _begin(self, place: tuple[str, int]) -> BatchBuilder:
        self._open[place] = self._producer.create_batch()
        return self._open[place]

    def _append(self, batch: BatchBuilder, record: Record) -> bool:
        told = batch.append(key=record.key, value=record.value, timestamp=None, headers=record.headers)
        return told is not None

    async def _send(self, place: tuple[str, int]) -> None:
        topic, partition = place
        await self._producer.send_batch(self._open.pop(place), topic, partition=partition)
