"""Deliveries that wait in the inbox, of a connection that stands in the event store; no Calendly is asked."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from benchmarks.scene import delivery
from domain import ids
from domain.calendar import Calendar
from domain.connection import CalendarLabel, Connection
from domain.recorded import Context
from domain.selecting import edit_selection
from services.ingest.connections.rows import Row, inserted
from services.ingest.event_store import EventStore

CALENDAR = "https://api.calendly.com/event_types/BBBBBBBBBBBBBBBB"

_TAKE_IN = """
INSERT INTO ingest.inbox (id, connection_id, received_at, event, invitee_uri, body, state)
SELECT id, $2, now(), 'invitee.created', uri, body, 'waiting'
  FROM unnest($1::uuid[], $3::text[], $4::bytea[]) AS s (id, uri, body)
"""


async def fill_inbox(database_url: str, *, count: int) -> None:
    """Empty the inbox, and put new deliveries of a new connection there."""
    connection = await _connected(database_url)
    told = [delivery(CALENDAR, number) for number in range(count)]
    database = await asyncpg.connect(database_url)
    try:
        await database.execute("TRUNCATE ingest.inbox")
        await database.execute(_TAKE_IN, [uuid4() for _ in told], connection, *_columns(told))
    finally:
        await database.close()


def _columns(told: Sequence[dict[str, Any]]) -> tuple[list[str], list[bytes]]:
    return [one["payload"]["uri"] for one in told], [json.dumps(one).encode() for one in told]


async def _connected(database_url: str) -> UUID:
    context = Context(at=datetime.now(UTC), cause="command", cause_id=uuid4(), trace=None)
    subaccount, connection = uuid4(), Connection(uuid4())
    calendar = Calendar(ids.calendar_id(subaccount_id=subaccount, calendar_uri=CALENDAR))
    label = CalendarLabel(uri=CALENDAR, name="Intro call", kind="personal")
    connection.connect(
        context,
        subaccount_id=subaccount,
        user_id=uuid4(),
        calendly_user_uri="https://api.calendly.com/users/A",
        plan="teams",
    )
    edit_selection(context, connection, {CALENDAR: calendar}, selected={CALENDAR}, removed={}, labels={CALENDAR: label})
    async with EventStore.open(database_url) as store:
        await store.save([connection, calendar], also=inserted(_row(connection, context.at), [label]))
    return connection.id


def _row(connection: Connection, now: datetime) -> Row:
    facts = connection.facts
    return Row(
        id=connection.id,
        subaccount_id=facts.subaccount_id,
        user_id=facts.user_id,
        calendly_user_uri=facts.calendly_user_uri,
        organization_uri="https://api.calendly.com/organizations/A",
        plan=facts.plan,
        state="connected",
        token=b"",
        signing_keys=[],
        subscription_uri=None,
        connected_at=now,
        calendars_read_at=now,
    )
