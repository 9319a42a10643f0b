"""What becomes of a booking that was found at Calendly (R4, R8, R13 to R15, R19)."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.booking import Booking, BookingImported
from domain.calendar import Calendar
from domain.connection import CalendarLabel, Connection
from domain.import_booking import Concerned, Outcome
from domain.reconcile import Finder, reconcile_booking
from tests.unit.domain.givens import (
    CALENDAR,
    CALENDAR_URI,
    CONNECTION,
    INGRID,
    NINE,
    SUBACCOUNT,
    at,
    booked,
    selected_calendar,
)

APPOINTMENT = UUID("00000000-0000-4000-8000-0000000000b1")
LABEL = CalendarLabel(uri=CALENDAR_URI, name="Intro call", kind="personal")


def connected(minutes: int = -60) -> Finder:
    connection = Connection(CONNECTION)
    connection.connect(at(minutes), subaccount_id=SUBACCOUNT, user_id=INGRID, calendly_user_uri="U1", plan="teams")
    return Finder(connection=connection, first_connected_at=NINE + timedelta(minutes=minutes))


def left(calendar: Calendar, minutes: int) -> Calendar:
    calendar.remove_selection(at(minutes), user_id=INGRID, synced_events="keep")
    return calendar


def selected_again(calendar: Calendar, minutes: int) -> Calendar:
    calendar.add_selection(
        at(minutes), subaccount_id=SUBACCOUNT, user_id=INGRID, connection_id=CONNECTION, label=LABEL
    )  # fmt: skip
    return calendar


def when_found(
    calendar: Calendar, minutes: int, *, booking: Booking | None = None, restored_until: int | None = None
) -> Outcome:
    return reconcile_booking(
        at(120),
        booked(minutes),
        Concerned(calendar=calendar, booking=booking or Booking(APPOINTMENT), contact=None),
        finder=connected(),
        restored_until=None if restored_until is None else NINE + timedelta(minutes=restored_until),
        draw=max,
    )


def left_out(rule: str) -> Outcome:
    return Outcome(kind="left_out", rule=rule)


def test_r4_a_booking_made_while_the_calendar_is_selected_is_imported_by_reconciliation() -> None:
    booking = Booking(APPOINTMENT)

    outcome = when_found(selected_calendar(INGRID), 5, booking=booking)

    imported = booking.collect_events()[0]
    assert outcome == Outcome(kind="imported", rule="R4", appointment_id=APPOINTMENT)
    assert isinstance(imported, BookingImported)
    assert imported.via == "reconciliation"


def test_what_is_there_is_a_duplicate_and_r19_what_was_deleted_stays_deleted() -> None:
    calendar, booking = selected_calendar(INGRID), Booking(APPOINTMENT)
    when_found(calendar, 5, booking=booking)
    assert when_found(calendar, 5, booking=booking).kind == "duplicate"

    booking.delete(at(10), reason="calendar_deselected")

    assert when_found(calendar, 5, booking=booking) == Outcome(kind="ignored", rule="R19", appointment_id=APPOINTMENT)


@pytest.mark.parametrize(("minutes", "rule"), [(-61, "R8"), (-60, "R13"), (-1, "R13")])
def test_r8_r13_what_was_booked_before_the_first_selection_stays_out(minutes: int, rule: str) -> None:
    assert when_found(selected_calendar(INGRID), minutes) == left_out(rule)


def test_r3_r14_a_calendar_that_nobody_has_selected_brings_nothing() -> None:
    assert when_found(Calendar(CALENDAR), 5) == left_out("R3")
    assert when_found(left(selected_calendar(INGRID), 10), 5) == left_out("R14")


@pytest.mark.parametrize(("minutes", "rule"), [(5, "R15"), (10, "R14"), (19, "R14")])
def test_r14_r15_what_was_booked_before_the_reselection_is_not_reconciliations(minutes: int, rule: str) -> None:
    calendar = selected_again(left(selected_calendar(INGRID), 10), 20)
    assert when_found(calendar, minutes) == left_out(rule)


def test_r4_from_the_moment_of_the_reselection_on_it_is() -> None:
    calendar = selected_again(left(selected_calendar(INGRID), 10), 20)
    assert when_found(calendar, 20).kind == "imported"


def test_r15_while_a_restoration_is_open_what_was_booked_before_it_is_left_to_it() -> None:
    assert when_found(selected_calendar(INGRID), 29, restored_until=30) == left_out("R15")
    assert when_found(selected_calendar(INGRID), 30, restored_until=30).kind == "imported"


def test_r8_a_booking_made_before_the_finders_account_was_connected_stays_out_though_the_calendar_was_selected() -> (
    None
):
    late = Finder(connection=connected().connection, first_connected_at=NINE + timedelta(minutes=30))
    concerned = Concerned(calendar=selected_calendar(INGRID), booking=Booking(APPOINTMENT), contact=None)
    outcome = reconcile_booking(at(120), booked(29), concerned, finder=late, restored_until=None, draw=max)
    assert outcome == left_out("R8")
