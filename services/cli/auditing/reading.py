"""What the audit reads: the log, the topics, and the projections, each at a pinned place."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient

from services.cli.auditing.findings import OnTopic, Row, Stored
from services.runtime.envelope import POSITION
from services.runtime.topics import partitions_of

_STORED = """
SELECT topic AS type, originator_id AS aggregate, originator_version AS sequence, notification_id AS position
  FROM ingest.events WHERE notification_id <= $1 AND topic = ANY($2::text[])
"""

_ROWS = {
    "appointments": "SELECT id, sequence, true AS exists FROM projector.appointments",
    "contacts": "SELECT id, sequence, NOT erased AS exists FROM projector.contacts",
}

_POSITIONS = """
SELECT partition, position FROM projector.positions JOIN projector.projections USING (name, version)
 WHERE name = $1 AND state = 'live'
"""

_WAITING = """
SELECT DISTINCT key FROM projector.dead_letters JOIN projector.projections USING (name, version)
 WHERE name = $1 AND state = 'live'
"""

_DISCARDED = """
SELECT DISTINCT key FROM projector.discarded JOIN projector.projections USING (name, version)
 WHERE name = $1 AND state = 'live'
"""


@dataclass(frozen=True, kw_only=True)
class Projected:
    """A projection's live version at one moment: its rows, its positions by partition, its keys with dead letters.

    Of the keys of `discarded` a record was never applied, because a person decided so.
    """

    rows: dict[UUID, Row]
    positions: dict[int, int]
    waiting: frozenset[UUID]
    discarded: frozenset[UUID]


async def stored(database: asyncpg.Pool, types: tuple[str, ...], *, upto: int) -> list[Stored]:
    """Return the published events of some types up to a log position."""
    return [Stored(**row) for row in await database.fetch(_STORED, upto, list(types))]


async def projected(database: asyncpg.Pool, name: str) -> Projected:
    """Return a projection as it stands at one moment."""
    async with database.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        positions = {row["partition"]: row["position"] for row in await connection.fetch(_POSITIONS, name)}
        rows = {row["id"]: Row(row["sequence"], row["exists"]) for row in await connection.fetch(_ROWS[name])}
        waiting = frozenset(_key(row["key"]) for row in await connection.fetch(_WAITING, name))
        discarded = frozenset(_key(row["key"]) for row in await connection.fetch(_DISCARDED, name))
    return Projected(rows=rows, positions=positions, waiting=waiting, discarded=discarded)


async def on_topic(bootstrap_servers: str, topic: str) -> AsyncIterator[OnTopic]:
    """Yield a topic's records from the beginning to the ends that it has now, each partition's in order."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        isolation_level="read_committed",
        enable_auto_commit=False,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    await consumer.start()
    try:
        places = await partitions_of(admin, topic)
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for place, records in (await consumer.getmany(timeout_ms=500, max_records=5000)).items():
                for record in records:
                    if record.offset < ends[place]:
                        yield _read(record)
    finally:
        await consumer.stop()
        await admin.close()


def _read(record: ConsumerRecord) -> OnTopic:
    headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    return OnTopic(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        aggregate=_key((record.key or b"").decode("utf-8", "replace")),
        type=headers.get("ce_type", "") if record.value is not None else None,
        sequence=_number(headers.get("ce_sequence")),
        position=_number(headers.get(POSITION)),
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
