"""Records put on their topics and then set aside, and what stands on the topic of dead letters."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.projector.dead_letters.find import Selection, find
from services.projector.dead_letters.letters import Letter
from tests.support.projector import applier

REFUSED = "CONSTRAINT refused CHECK (title <> 'Intro call')"
"""What is in the way of every appointment that the tests make."""


async def put(bootstrap_servers: str, *records: ConsumerRecord) -> list[ConsumerRecord]:
    """Put records on their topics, on partition 0; return them with the offsets that they have there."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers) as producer:
        sent = [
            await producer.send(one.topic, one.value, key=one.key, headers=list(one.headers), partition=0)
            for one in records
        ]
        placed = [await one for one in sent]
    return [replace(one, partition=0, offset=at.offset) for one, at in zip(records, placed, strict=True)]


async def put_and_apply(
    pool: asyncpg.Pool, bootstrap_servers: str, name: str, *records: ConsumerRecord
) -> list[ConsumerRecord]:
    """Put records on their topic and apply them to a projection; return them as `put` does."""
    placed = await put(bootstrap_servers, *records)
    await applier(pool, name).apply(placed)
    return placed


async def refuse(pool: asyncpg.Pool) -> None:
    """Put a constraint in the way of appointments."""
    await pool.execute(f"ALTER TABLE projector.appointments_v1 ADD {REFUSED} NOT VALID")


async def mend(pool: asyncpg.Pool) -> None:
    """Take the constraint away."""
    await pool.execute("ALTER TABLE projector.appointments_v1 DROP CONSTRAINT IF EXISTS refused")


async def the_letter(pool: asyncpg.Pool) -> Letter:
    """Return the dead letter that there is."""
    (one,) = await find(pool, Selection())
    return one


async def set_aside(pool: asyncpg.Pool) -> list[tuple[int, bool, int, str | None]]:
    """Return offset, whether it waits behind another, attempts and class of error of all that is set aside."""
    statement = "SELECT position, behind, attempts, error FROM projector.dead_letters ORDER BY id"
    return [tuple(row) for row in await pool.fetch(statement)]


async def everything(pool: asyncpg.Pool) -> dict[str, Sequence[Any]]:
    """Return all rows of the projector's tables."""
    names = ("appointments_v1", "contacts_v1", "positions", "projections", "dead_letters")
    return {name: await pool.fetch(f"SELECT t::text FROM projector.{name} AS t ORDER BY 1") for name in names}


async def delete_before(bootstrap_servers: str, record: ConsumerRecord) -> None:
    """Delete from a record's partition all records before it, as retention or compaction would."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    # Kafka takes such an order only for a topic that is not compacted alone.
    deletable = ConfigResource(ConfigResourceType.TOPIC, record.topic, {"cleanup.policy": "compact,delete"})
    await admin.alter_configs([deletable])
    place = TopicPartition(record.topic, record.partition)
    await admin.delete_records({place: RecordsToDelete(record.offset)})
    await admin.close()


async def on_topic(bootstrap_servers: str, topic: str) -> list[ConsumerRecord]:
    """Return all records of a topic, by partition."""
    found = list[ConsumerRecord]()
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    async with consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=100)).values():
                found += records
    return sorted(found, key=lambda one: (one.partition, one.offset))
