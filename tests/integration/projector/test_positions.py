"""The stored positions are the truth, Kafka's offsets are a hint (DESIGN 6.5): nothing is ever passed over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from bookstream_contracts import TOPICS
from faststream.kafka import KafkaBroker

from services.projector.projections import PROJECTIONS
from services.projector.projections.projection import group_of
from services.projector.subscriber import Assigned, subscribe
from services.runtime.topics import create_topics
from tests.integration.projector.test_appointments_projection import imported
from tests.support.projector import applier, rows
from tests.support.published import publish
from tests.support.scene import until

NAME, TOPIC = "appointments", "crm.calendly.bookings.v1"
PLACES = [TopicPartition(one.name, number) for one in TOPICS if one.name == TOPIC for number in range(one.partitions)]

_END_BLOCKED = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE wait_event_type = 'Lock' AND query LIKE '%projector.positions%'
"""


@pytest.fixture
async def appointments(empty_kafka: str) -> list[UUID]:
    """Forty appointments on the topic; Kafka has half of each partition for applied."""
    await create_topics(empty_kafka)
    keys = [uuid4() for _ in range(40)]
    await publish(empty_kafka, [imported(key, offset=0) for key in keys])
    async with AIOKafkaConsumer(bootstrap_servers=empty_kafka, group_id=group_of(NAME, 1)) as consumer:
        consumer.assign(PLACES)
        ends = await consumer.end_offsets(PLACES)
        await consumer.commit({place: end // 2 for place, end in ends.items()})
    return sorted(keys)


@asynccontextmanager
async def feeding(pool: asyncpg.Pool, servers: str) -> AsyncIterator[AIOKafkaConsumer]:
    """Feed the projection; hand out its consumer once it has partitions."""
    assigned, broker = Assigned(pool, name=NAME, version=1), KafkaBroker(servers, logger=None)
    subscribe(broker, PROJECTIONS[NAME], applier(pool, NAME), assigned, version=1)
    await broker.start()
    try:
        consumer = assigned.consumer()
        assert consumer is not None
        yield consumer
    finally:
        await broker.stop()


async def locked(database_url: str) -> asyncpg.Connection:
    """Let nobody read positions until the connection is closed."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("BEGIN; LOCK TABLE projector.positions IN ACCESS EXCLUSIVE MODE")
    return connection


@asynccontextmanager
async def closing(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Close a connection at the end, however it comes."""
    try:
        yield
    finally:
        await connection.close()


async def test_nothing_is_read_from_kafkas_offset_while_the_stored_position_is_asked_for(
    pool: asyncpg.Pool, migrated: str, empty_kafka: str, appointments: list[UUID]
) -> None:
    # Given positions that nobody can read for now
    lock, other = await locked(migrated), await asyncpg.connect(migrated)

    async def asks() -> bool:
        return await other.fetchval(_END_BLOCKED) > 0

    async def all_there() -> bool:
        return [row["id"] for row in await rows(pool, "projector.appointments_v1")] == appointments

    async with closing(other), feeding(pool, empty_kafka) as consumer, closing(lock):
        # When partitions are assigned, and the session that asks for their positions is ended, more than once
        for _ in range(2):
            await until(asks, "somebody asks for the positions")
            # Then no partition is read
            assert consumer.paused() == set(PLACES)
        # When they can be read again, then every event is applied, also those before Kafka's offsets
        await lock.close()
        await until(all_there, "every appointment is there")
