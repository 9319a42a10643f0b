"""The baseline of catching up: a loop by hand, with aiokafka, msgspec and unnest; positions in the same transaction."""

import asyncpg

from benchmarks import read_models
from benchmarks.baseline_rows import columns, write_appointments, write_contacts
from benchmarks.given import Given, Stopwatch
from benchmarks.reading import TOPIC_OF, open_reader

MOST_RECORDS = 2000

_POSITIONS = """
CREATE SCHEMA IF NOT EXISTS baseline;
DROP TABLE IF EXISTS baseline.positions;
CREATE TABLE baseline.positions (topic text, partition int, position bigint, PRIMARY KEY (topic, partition));
"""
_ADVANCE = """
INSERT INTO baseline.positions SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[])
ON CONFLICT (topic, partition) DO UPDATE SET position = excluded.position
"""


async def prepare(given: Given) -> None:
    """Empty the tables."""
    await read_models.empty(given.database_url)
    connection = await asyncpg.connect(given.database_url)
    await connection.execute(_POSITIONS)
    await connection.close()


async def run(given: Given, stopwatch: Stopwatch) -> None:
    """Consume until every event is committed."""
    applied = 0
    connection = await asyncpg.connect(given.database_url)
    async with open_reader(given) as consumer:
        while applied < given.events:
            batches = await consumer.getmany(timeout_ms=500, max_records=MOST_RECORDS)
            if batches:
                records = [one for batch in batches.values() for one in batch]
                moved = sorted((place.topic, place.partition, batch[-1].offset + 1) for place, batch in batches.items())
                async with connection.transaction():
                    await write_appointments(connection, [r for r in records if r.topic == TOPIC_OF["appointments"]])
                    await write_contacts(connection, [r for r in records if r.topic == TOPIC_OF["contacts"]])
                    await connection.execute(_ADVANCE, *columns(moved))
                applied += len(records)
        stopwatch.stop()
    await connection.close()
