"""The projection `appointments`: rows from events, whatever comes twice (R4, R5, R11, R12, R19, R23)."""

from datetime import timedelta
from uuid import UUID

import asyncpg
from aiokafka import ConsumerRecord
from bookstream_contracts import BookingDeletedV1, BookingImportedV1, OwnerAssignedV1
from bookstream_contracts.calendar import Calendar

from tests.support.projector import applier, rows
from tests.support.records import NINE, record

SUBACCOUNT = UUID("00000000-0000-4000-8000-0000000000aa")
INGRID = UUID("00000000-0000-4000-8000-000000000001")
TOMAS = UUID("00000000-0000-4000-8000-000000000002")
CALENDAR = Calendar(uri="https://api.calendly.com/event_types/E1", name="Intro call", kind="shared")
A = UUID("00000000-0000-4000-8000-00000000000a")
B = UUID("00000000-0000-4000-8000-00000000000b")


def imported(appointment: UUID, *, offset: int, sequence: int = 1) -> ConsumerRecord:
    event = BookingImportedV1(
        appointment_id=appointment,
        subaccount_id=SUBACCOUNT,
        calendar=CALENDAR,
        title="Intro call",
        starts_at=NINE + timedelta(days=1),
        ends_at=NINE + timedelta(days=1, minutes=30),
        contact_id=None,
        calendly_event_uri="https://api.calendly.com/scheduled_events/S1",
        calendly_invitee_uri="https://api.calendly.com/scheduled_events/S1/invitees/I1",
        booked_at=NINE - timedelta(minutes=1),
        via="webhook",
    )
    return record(event, key=appointment, sequence=sequence, offset=offset)


def owned(appointment: UUID, *, offset: int, owner: UUID = INGRID, sequence: int = 2) -> ConsumerRecord:
    event = OwnerAssignedV1(
        appointment_id=appointment,
        subaccount_id=SUBACCOUNT,
        contact_id=None,
        owner_user_id=owner,
        rule="random_connected_user",
        candidates=(INGRID, TOMAS),
    )
    return record(event, key=appointment, sequence=sequence, offset=offset)


def deleted(appointment: UUID, *, offset: int, sequence: int = 3) -> ConsumerRecord:
    event = BookingDeletedV1(
        appointment_id=appointment,
        subaccount_id=SUBACCOUNT,
        calendar_uri=CALENDAR.uri,
        contact_id=None,
        reason="calendar_deselected",
    )
    return record(event, key=appointment, sequence=sequence, offset=offset)


ROW = {
    "id": A,
    "subaccount_id": SUBACCOUNT,
    "calendar_uri": CALENDAR.uri,
    "calendar_name": "Intro call",
    "calendar_kind": "shared",
    "title": "Intro call",
    "starts_at": NINE + timedelta(days=1),
    "ends_at": NINE + timedelta(days=1, minutes=30),
    "source": "Calendly",
    "status": "confirmed",
    "contact_id": None,
    "owner_user_id": INGRID,
    "booked_at": NINE - timedelta(minutes=1),
    "imported_at": NINE,
    "via": "webhook",
}


async def test_an_imported_and_owned_booking_is_one_row_also_when_applied_twice(pool: asyncpg.Pool) -> None:
    # Given the two events of a booking
    events = [imported(A, offset=0), owned(A, offset=1)]
    # When they are applied twice
    for _ in range(2):
        await applier(pool, "appointments").apply(events)
    # Then there is one row with all that R5 lists, and two events were counted
    assert await rows(pool, "crm.appointments") == [ROW]
    assert await pool.fetchval("SELECT events_applied FROM projector.projections WHERE name = 'appointments'") == 2


async def test_a_deleted_appointment_leaves_no_row_and_does_not_come_back(pool: asyncpg.Pool) -> None:
    # Given an appointment that was imported in one batch and deleted in the next
    events = [imported(A, offset=0), owned(A, offset=1), deleted(A, offset=2)]
    for one in events:
        await applier(pool, "appointments").apply([one])
    # When all of it comes again
    await applier(pool, "appointments").apply(events)
    # Then it stays gone (R19)
    assert await rows(pool, "crm.appointments") == []


async def test_any_cut_into_batches_gives_the_same_rows(pool: asyncpg.Pool) -> None:
    # Given two bookings, one of them deleted
    events = [
        imported(A, offset=0),
        imported(B, offset=1),
        owned(A, offset=2),
        owned(B, offset=3),
        deleted(B, offset=4),
    ]
    # When they come in every possible pair of batches, the second overlapping the first by one
    for cut in range(1, len(events)):
        await pool.execute("TRUNCATE projector.appointments_v1, projector.positions")
        await applier(pool, "appointments").apply(events[:cut])
        await applier(pool, "appointments").apply(events[cut - 1 :])
        # Then the rows are the same
        assert await rows(pool, "crm.appointments") == [ROW]


async def test_rows_and_positions_commit_together_or_not_at_all(pool: asyncpg.Pool) -> None:
    # Given a position that somebody else moves while a batch is applied
    await applier(pool, "appointments").apply([imported(A, offset=0)])
    await pool.execute("UPDATE projector.positions SET position = 2")
    # When a record below it comes
    await applier(pool, "appointments").apply([owned(A, offset=1)])
    # Then it is taken for applied: the stored position is the truth
    assert (await rows(pool, "crm.appointments"))[0]["owner_user_id"] is None
