"""A baseline of catching up: the eventsourcing library's own projection runner, from its log in PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from benchmarks.given import Given, Stopwatch
from benchmarks.library_app import Appointment, Crm, environment, id_of

PATIENCE = 600.0
"""Seconds."""
TOGETHER = 200
"""Appointments that are saved in one transaction while the log is filled."""
_SUBACCOUNT, _USER = UUID(int=1), UUID(int=2)


class View(PostgresTrackingRecorder):
    """The read model, with the columns and indexes that the project's has."""

    def __init__(self, datastore: PostgresDatastore, *, tracking_table_name: str, **kwargs: object) -> None:
        super().__init__(datastore, tracking_table_name=tracking_table_name, **kwargs)
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS {} (LIKE projector.appointments_v1 INCLUDING ALL)").format(
                Identifier("baseline_view")
            )
        )

    def imported(self, one: Appointment.Imported, tracking: Tracking) -> None:
        """Insert a row."""
        row = (one.originator_id, one.subaccount_id, one.calendar_uri, one.title, one.starts_at, one.ends_at,
               one.contact_id, one.booked_at, one.timestamp)  # fmt: skip
        self._execute(
            "INSERT INTO baseline_view (id, subaccount_id, calendar_uri, title, starts_at, ends_at, contact_id,"
            " booked_at, imported_at, calendar_name, calendar_kind, source, status, via, sequence) VALUES"
            " (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'Intro call', 'personal', 'Calendly', 'confirmed', 'webhook', 1)"
            " ON CONFLICT DO NOTHING",
            row,
            tracking,
        )

    def assigned(self, one: Appointment.OwnerAssigned, tracking: Tracking) -> None:
        """Update a row."""
        self._execute(
            "UPDATE baseline_view SET owner_user_id = %s, sequence = 2 WHERE id = %s",
            (one.owner_user_id, one.originator_id),
            tracking,
        )

    def _execute(self, statement: str, row: tuple[object, ...], tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(statement.encode(), row, prepare=True)
            self._insert_tracking(cursor, tracking=tracking)


class Appointments(Projection[View]):
    """The projection."""

    name = "baseline_projection"
    topics = ()

    @singledispatchmethod
    def process_event(self, domain_event: object, tracking: Tracking) -> None:
        """Pass over what is not ours."""

    @process_event.register
    def _(self, domain_event: Appointment.Imported, tracking: Tracking) -> None:
        self.view.imported(domain_event, tracking)

    @process_event.register
    def _(self, domain_event: Appointment.OwnerAssigned, tracking: Tracking) -> None:
        self.view.assigned(domain_event, tracking)


async def prepare(given: Given) -> None:
    """Fill a log of its own."""
    with psycopg.connect(given.database_url) as connection:
        connection.execute("DROP TABLE IF EXISTS crm_events, baseline_view, baseline_projection_tracking")
    app = Crm(env=environment(given.database_url))
    appointments = [_appointment(number) for number in range(given.events // 2)]
    for first in range(0, len(appointments), TOGETHER):
        app.save(*appointments[first : first + TOGETHER])
    app.close()


async def run(given: Given, stopwatch: Stopwatch) -> None:
    """Project the log."""
    await asyncio.to_thread(_project, given, stopwatch)


def _project(given: Given, stopwatch: Stopwatch) -> None:
    settings = environment(given.database_url)
    with ProjectionRunner(
        application_class=Crm, projection_class=Appointments, view_class=View, env=settings
    ) as runner:
        runner.wait(runner.app.recorder.max_notification_id(), timeout=PATIENCE)
        stopwatch.stop()


def _appointment(number: int) -> Appointment:
    start = datetime.now(UTC) + timedelta(minutes=number)
    one = Appointment(
        invitee_uri=f"https://api.calendly.com/scheduled_events/{uuid4()}/invitees/{uuid4()}",
        subaccount_id=_SUBACCOUNT,
        calendar_uri="https://api.calendly.com/event_types/BBBBBBBBBBBBBBBB",
        title="Intro call",
        starts_at=start,
        ends_at=start + timedelta(minutes=30),
        contact_id=id_of("contact", number),
        booked_at=start,
    )
    one.assign(_USER)
    return one
