"""A baseline of catching up: FastStream, one message at a time, pydantic, one statement for each, then the offset."""

import asyncio
import uuid
from datetime import datetime
from typing import Annotated

import asyncpg
from bookstream_contracts import BookingDeletedV1, BookingImportedV1, OwnerAssignedV1
from faststream import AckPolicy, Context
from faststream.kafka import KafkaBroker

from benchmarks import read_models
from benchmarks.given import Given, Stopwatch
from benchmarks.reading import TOPIC_OF

_IMPORT = """
INSERT INTO projector.appointments_v1 (id, subaccount_id, calendar_uri, calendar_name, calendar_kind, title, starts_at,
  ends_at, source, status, contact_id, booked_at, via, imported_at, sequence)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1) ON CONFLICT (id) DO NOTHING
"""
_ASSIGN = "UPDATE projector.appointments_v1 SET owner_user_id = $2, sequence = 2 WHERE id = $1"
_DELETE = "DELETE FROM projector.appointments_v1 WHERE id = $1"

Told = BookingImportedV1 | OwnerAssignedV1 | BookingDeletedV1


async def prepare(given: Given) -> None:
    """Empty the tables."""
    await read_models.empty(given.database_url)


async def run(given: Given, stopwatch: Stopwatch) -> None:
    """Consume until enough events are committed."""
    broker = KafkaBroker(given.bootstrap_servers, logger=None, allow_auto_create_topics=False)
    applied, enough = 0, asyncio.Event()
    async with asyncpg.create_pool(given.database_url, min_size=1, max_size=2) as pool:

        @broker.subscriber(
            TOPIC_OF["appointments"],
            group_id=f"baseline-{uuid.uuid4()}",
            ack_policy=AckPolicy.ACK,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        async def apply(told: Told, headers: Annotated[dict[str, str], Context("message.headers")]) -> None:
            nonlocal applied
            await _write(pool, told, datetime.fromisoformat(headers["ce_time"]))
            applied += 1
            if applied >= given.events:
                enough.set()

        await broker.start()
        await enough.wait()
        stopwatch.stop()
        await broker.stop()


async def _write(pool: asyncpg.Pool, told: Told, time: datetime) -> None:
    match told:
        case BookingImportedV1():
            calendar = told.calendar
            await pool.execute(
                _IMPORT, told.appointment_id, told.subaccount_id, calendar.uri, calendar.name, calendar.kind,
                told.title, told.starts_at, told.ends_at, told.source, told.status, told.contact_id, told.booked_at,
                told.via, time,
            )  # fmt: skip
        case OwnerAssignedV1():
            await pool.execute(_ASSIGN, told.appointment_id, told.owner_user_id)
        case BookingDeletedV1():
            await pool.execute(_DELETE, told.appointment_id)
