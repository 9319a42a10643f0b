"""The baseline of importing: one save for each delivery, with the eventsourcing library's own application."""

import asyncio
import json
from datetime import datetime
from uuid import UUID

import asyncpg
import psycopg
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import IntegrityError

from benchmarks.given import Given, Stopwatch
from benchmarks.library_app import Appointment, Contact, Crm, environment
from benchmarks.waiting import fill_inbox

_SUBACCOUNT, _USER = UUID(int=1), UUID(int=2)


async def prepare(given: Given) -> None:
    """Fill the inbox."""
    await fill_inbox(given.database_url, count=given.events)
    with psycopg.connect(given.database_url) as connection:
        connection.execute("DROP TABLE IF EXISTS crm_events")


async def run(given: Given, stopwatch: Stopwatch) -> None:
    """Import."""
    database = await asyncpg.connect(given.database_url)
    bodies = [row["body"] for row in await database.fetch("SELECT body FROM ingest.inbox ORDER BY seq")]
    await database.close()
    await asyncio.to_thread(_import, given, bodies)
    stopwatch.stop()


def _import(given: Given, bodies: list[bytes]) -> None:
    app = Crm(env=environment(given.database_url))
    for body in bodies:
        _import_one(app, json.loads(body)["payload"])
    app.close()


def _import_one(app: Crm, told: dict) -> None:
    contact, event = _contact(app, told), told["scheduled_event"]
    appointment = Appointment(
        invitee_uri=told["uri"],
        subaccount_id=_SUBACCOUNT,
        calendar_uri=event["event_type"],
        title=event["name"],
        starts_at=datetime.fromisoformat(event["start_time"]),
        ends_at=datetime.fromisoformat(event["end_time"]),
        contact_id=contact.id,
        booked_at=datetime.fromisoformat(told["created_at"]),
    )
    appointment.assign(_USER)
    contact.add(appointment.id, _USER)
    try:
        app.save(appointment, contact)
    except IntegrityError:
        return  # it came before


def _contact(app: Crm, told: dict) -> Contact:
    try:
        return app.repository.get(Contact.create_id(subaccount_id=_SUBACCOUNT, email=told["email"]))
    except AggregateNotFoundError:
        return Contact(subaccount_id=_SUBACCOUNT, email=told["email"], name=told["name"])
