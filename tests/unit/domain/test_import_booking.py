"""What becomes of a booking (R3 to R5, R9, R11 to R14, R19)."""

from uuid import UUID

import pytest

from domain.booking import Booking, BookingImported, OwnerAssigned
from domain.calendar import Calendar
from domain.contact import Contact, ContactUpserted, Guest
from domain.import_booking import Concerned, Outcome, import_booking
from tests.unit.domain.givens import CALENDAR, INGRID, NINE, SUBACCOUNT, TOMAS, at, booked, selected_calendar

APPOINTMENT = UUID("00000000-0000-4000-8000-0000000000b1")
PERSON = UUID("00000000-0000-4000-8000-0000000000f1")
LENA = Guest(email=" Lena@Mail.example ", name="Lena Vogt")


def when_imported(calendar: Calendar, booking: Booking, minutes: int, contact: Contact | None = None) -> Outcome:
    return import_booking(
        at(60),
        booked(minutes, guest=LENA if contact else None),
        Concerned(calendar=calendar, booking=booking, contact=contact),
        subaccount_id=SUBACCOUNT,
        delivered_to=INGRID,
        via="webhook",
        draw=max,
    )


def test_r4_r5_a_booking_of_a_selected_calendar_becomes_an_appointment_with_its_owner() -> None:
    booking = Booking(APPOINTMENT)

    outcome = when_imported(selected_calendar(INGRID), booking, 5)

    imported, assigned = booking.collect_events()
    assert outcome == Outcome(kind="imported", rule="R4", appointment_id=APPOINTMENT)
    assert isinstance(imported, BookingImported)
    assert (imported.title, imported.calendar_name, imported.contact_id) == ("Intro call", "Intro call", None)
    assert isinstance(assigned, OwnerAssigned)
    assert (assigned.owner_user_id, assigned.rule, assigned.candidates) == (INGRID, "connecting_user", [INGRID])


def test_r12_the_owner_of_a_shared_calendar_is_drawn_among_those_who_have_it_selected() -> None:
    booking = Booking(APPOINTMENT)

    when_imported(selected_calendar(TOMAS, INGRID, kind="shared"), booking, 5)

    assigned = booking.collect_events()[1]
    assert isinstance(assigned, OwnerAssigned)
    assert (assigned.owner_user_id, assigned.rule) == (TOMAS, "random_connected_user")
    assert assigned.candidates == [INGRID, TOMAS]


def test_r9_a_guest_becomes_a_contact_and_is_known_again() -> None:
    contact = Contact(PERSON)

    when_imported(selected_calendar(INGRID), Booking(APPOINTMENT), 5, contact)

    (upserted,) = contact.collect_events()
    assert isinstance(upserted, ContactUpserted)
    assert (upserted.email, upserted.name) == ("Lena@Mail.example", "Lena Vogt")
    assert LENA.address == "lena@mail.example"


def test_a_booking_that_comes_twice_is_one() -> None:
    calendar, booking = selected_calendar(INGRID), Booking(APPOINTMENT)
    when_imported(calendar, booking, 5)
    booking.collect_events()

    outcome = when_imported(calendar, booking, 5)

    assert outcome == Outcome(kind="duplicate", rule="R4", appointment_id=APPOINTMENT)
    assert booking.collect_events() == []


def test_r19_a_deleted_appointment_never_comes_back() -> None:
    calendar, booking = selected_calendar(INGRID), Booking(APPOINTMENT)
    when_imported(calendar, booking, 5)
    booking.delete(at(10), reason="calendar_deselected")
    booking.collect_events()

    outcome = when_imported(calendar, booking, 5)

    assert outcome == Outcome(kind="ignored", rule="R19", appointment_id=APPOINTMENT)
    assert booking.collect_events() == []


@pytest.mark.parametrize(
    ("minutes", "rule"),
    [(-1, "R13"), (10, "R14"), (15, "R14")],
    ids=["before the first selection", "the moment it was deselected", "in the gap"],
)
def test_r13_r14_what_was_booked_while_nobody_had_the_calendar_selected_is_left_out(minutes: int, rule: str) -> None:
    calendar = selected_calendar(INGRID)
    calendar.remove_selection(at(10), user_id=INGRID, synced_events="keep")
    assert calendar.label is not None
    calendar.add_selection(
        at(20), subaccount_id=SUBACCOUNT, user_id=INGRID, connection_id=CALENDAR, label=calendar.label
    )

    outcome = when_imported(calendar, Booking(APPOINTMENT), minutes)

    assert outcome == Outcome(kind="left_out", rule=rule)


def test_r3_a_calendar_that_nobody_ever_selected_is_not_synced() -> None:
    assert when_imported(Calendar(CALENDAR), Booking(APPOINTMENT), 5) == Outcome(kind="left_out", rule="R3")


def test_r14_a_late_delivery_after_the_calendar_was_deselected_is_left_out() -> None:
    calendar = selected_calendar(INGRID)
    calendar.remove_selection(at(10), user_id=INGRID, synced_events="keep")

    assert when_imported(calendar, Booking(APPOINTMENT), 5) == Outcome(kind="left_out", rule="R14")
    assert calendar.was_selected_at(NINE)
