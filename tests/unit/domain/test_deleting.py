"""Deleting an appointment (R17, R19)."""

from uuid import UUID

from domain.booking import Booking, BookingDeleted
from domain.calendar import Calendar
from domain.import_booking import Concerned, Outcome, import_booking
from tests.unit.domain.givens import CALENDAR_URI, INGRID, SUBACCOUNT, at, booked, selected_calendar

BOOKING = UUID("00000000-0000-4000-8000-0000000000b1")


def delivered(booking: Booking, calendar: Calendar) -> Outcome:
    """Deliver the booking once."""
    return import_booking(
        at(11),
        booked(10),
        Concerned(calendar=calendar, booking=booking, contact=None),
        subaccount_id=SUBACCOUNT,
        delivered_to=INGRID,
        via="webhook",
        draw=lambda users: users[0],
    )


def imported() -> Booking:
    """Return an appointment that was imported and saved."""
    booking = Booking(BOOKING)
    delivered(booking, selected_calendar(INGRID))
    booking.collect_events()
    return booking


def test_a_deletion_is_recorded_with_its_reason_and_its_cause() -> None:
    # given
    booking = imported()
    # when
    booking.delete(at(20), reason="account_disconnected")
    # then
    assert booking.changed
    assert booking.collect_events() == [
        BookingDeleted(
            originator_id=BOOKING,
            originator_version=3,
            timestamp=at(20).at,
            cause=at(20).cause,
            cause_id=at(20).cause_id,
            trace=None,
            subaccount_id=SUBACCOUNT,
            calendar_uri=CALENDAR_URI,
            contact_id=None,
            reason="account_disconnected",
        )
    ]
    assert not booking.changed


def test_a_second_deletion_changes_nothing() -> None:
    booking = imported()
    booking.delete(at(20), reason="calendar_deselected")
    booking.collect_events()
    booking.delete(at(21), reason="account_disconnected")
    assert not booking.changed


def test_what_was_never_imported_cannot_be_deleted() -> None:
    booking = Booking(BOOKING)
    booking.delete(at(20), reason="calendar_deselected")
    assert not booking.changed


def test_r19_a_deleted_appointment_does_not_come_back_by_a_redelivery() -> None:
    # given
    booking = imported()
    booking.delete(at(20), reason="calendar_deselected")
    booking.collect_events()
    # when its calendar is selected again and Calendly delivers once more
    outcome = delivered(booking, selected_calendar(INGRID))
    # then
    assert outcome == Outcome(kind="ignored", rule="R19", appointment_id=BOOKING)
    assert not booking.changed
