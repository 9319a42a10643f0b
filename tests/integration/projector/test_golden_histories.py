"""What was published once makes the same rows for ever: recorded histories, replayed by today's code (R23)."""

import hashlib
from collections import Counter
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from bookstream_contracts import decode

from services.projector.projections import PROJECTIONS
from services.projector.rebuilding import tables
from services.projector.rebuilding.chunk import Chunk
from services.runtime.database import Connection
from tests.support.golden import HISTORIES, TOPICS, VIEWS, records_of, rows_of, rows_there
from tests.support.projector import applier

GOLDEN = sorted(path for path in HISTORIES.iterdir() if path.is_dir())
named = pytest.mark.parametrize("history", GOLDEN, ids=lambda path: path.name)


@named
@pytest.mark.parametrize("times", [1, 2])
async def test_a_history_makes_the_rows_that_it_made_when_it_was_recorded(
    pool: asyncpg.Pool, history: Path, times: int
) -> None:
    # When each topic is applied, each record as often as said
    for name, projection in PROJECTIONS.items():
        for record in records_of(history, projection.topic):
            for _ in range(times):
                await applier(pool, name).apply([record])
    # Then the rows are those that were recorded
    assert await rows_there(pool) == rows_of(history)


@named
async def test_a_history_is_rebuilt_to_the_rows_that_it_made(pool: asyncpg.Pool, history: Path) -> None:
    # When each topic is copied as a rebuild does it, and settled
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        for name in PROJECTIONS:
            await rebuild(connection, name, history)
        there = await rows_there(connection)
        await transaction.rollback()
    # Then the rows are those that were recorded
    assert there == rows_of(history)


async def rebuild(connection: Connection, name: str, history: Path) -> None:
    """Rebuild a projection from a history, and let its view show the new version."""
    await connection.execute("INSERT INTO projector.projections VALUES ($1, 2, 'building')", name)
    await tables.create(connection, name, version=2, like=1)
    chunk = Chunk(PROJECTIONS[name], 2, known={}, held=set())
    chunk.take(records_of(history, PROJECTIONS[name].topic), {})
    await chunk.store(connection)
    await tables.settle(connection, name, version=2, like=1)
    await connection.execute(f"CREATE OR REPLACE VIEW projector.{name} AS SELECT * FROM projector.{name}_v2")


@named
def test_every_record_of_a_history_can_be_read_with_todays_contracts(history: Path) -> None:
    told = Counter[str]()
    for topic in TOPICS:
        for record in records_of(history, topic):
            received = decode(headers=record.headers, key=record.key, value=record.value)
            assert received is not None
            assert received.subject == UUID((record.key or b"").decode())
            told[type(received.event).__name__] += 1
    assert told.keys() >= {"BookingImportedV1", "OwnerAssignedV1", "BookingDeletedV1", "ContactUpsertedV1", "NoneType"}


@named
def test_a_history_tells_what_it_is_there_for(history: Path) -> None:
    # Given its rows
    appointments, contacts = (rows_of(history)[view] for view in VIEWS)
    # Then there are restored ones, ones of an erased person, ones of both kinds of calendar, and a guest who came twice
    assert {one["via"] for one in appointments} >= {"webhook", "reconnect"}
    assert {one["calendar_kind"] for one in appointments} == {"personal", "shared"}
    assert None in {one["contact_id"] for one in appointments}
    assert max(one["appointment_count"] for one in contacts) == 2


def test_a_recorded_history_is_never_edited() -> None:
    written = dict(
        reversed(line.split("  ")) for line in (HISTORIES / "CHECKSUMS").read_text(encoding="ascii").splitlines()
    )
    there = {
        path.relative_to(HISTORIES).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in HISTORIES.glob("*/*")
    }
    assert there == written, (
        "A history is what stood on the topics once. Put the old file back; record a new history for what is new "
        "(python -m tests.support.golden NAME) and add its checksums: sha256sum */* > CHECKSUMS"
    )
