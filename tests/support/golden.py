"""Golden histories: what once stood on the topics, and the rows that it must make for ever (contracts/histories).

`python -m tests.support.golden FOLDER` records a new one from the system that KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL
name, once everything is projected.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from tests.support.records import raw

HISTORIES = Path(__file__).parent.parent.parent / "contracts" / "histories"
TOPICS = ("crm.calendly.bookings.v1", "crm.calendly.contacts.v1", "crm.calendly.calendars.v1")
VIEWS = ("crm.appointments", "crm.contacts")
ROWS = "SELECT to_jsonb(t) AS row FROM {} AS t ORDER BY id"


def records_of(history: Path, topic: str) -> list[ConsumerRecord]:
    """Return the records of a topic in a history, as they stood there."""
    lines = (json.loads(line) for line in (history / "records.jsonl").read_text(encoding="utf-8").splitlines())
    return [
        raw(
            topic,
            key=one["key"].encode(),
            value=None if one["value"] is None else json.dumps(one["value"]).encode(),
            headers=[(name, text.encode()) for name, text in one["headers"].items()],
            offset=one["offset"],
            partition=one["partition"],
        )
        for one in lines
        if one["topic"] == topic
    ]


def rows_of(history: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each view that a history makes."""
    return json.loads((history / "rows.json").read_text(encoding="utf-8"))


async def rows_there(pool: asyncpg.Pool | asyncpg.Connection) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each view that are there."""
    return {view: [json.loads(row["row"]) for row in await pool.fetch(ROWS.format(view))] for view in VIEWS}


async def _record(folder: Path) -> None:
    folder.mkdir(parents=True)
    lines = [json.dumps(line) async for line in _lines(os.environ["KAFKA_BOOTSTRAP_SERVERS"])]
    (folder / "records.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    rows = json.dumps(await rows_there(connection), indent=1)
    await connection.close()
    (folder / "rows.json").write_text(rows + "\n", encoding="utf-8")


async def _lines(bootstrap_servers: str) -> AsyncIterator[dict[str, Any]]:
    consumer = AIOKafkaConsumer(
        *TOPICS, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest", isolation_level="read_committed"
    )
    async with consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for one in records:
                    yield _line(one)


def _line(one: ConsumerRecord) -> dict[str, Any]:
    headers = {name: value.decode() for name, value in one.headers}
    value = None if one.value is None else json.loads(one.value)
    place = {"topic": one.topic, "partition": one.partition, "offset": one.offset}
    return {**place, "key": one.key.decode(), "headers": headers, "value": value}


if __name__ == "__main__":
    asyncio.run(_record(HISTORIES / sys.argv[1]))
