"""A contact's assigned user follows the booking made last, whatever order the bookings arrive in (R10)."""

from itertools import permutations
from uuid import UUID

import pytest

from domain.contact import Contact, ContactErased, ContactUpserted, Guest
from domain.ids import next_booking_id
from tests.unit.domain.givens import INGRID, NINE, SUBACCOUNT, TOMAS, at

BOOKINGS = [(1, INGRID), (3, TOMAS), (2, INGRID)]


@pytest.mark.parametrize("order", list(permutations(BOOKINGS)))
def test_r10_the_booking_made_last_decides_in_any_order(order: list[tuple[int, UUID]]) -> None:
    contact = Contact(UUID(int=9))

    for minute, owner in [*order, *order]:
        contact.add_booking(
            at(60),
            subaccount_id=SUBACCOUNT,
            guest=Guest(email="lena@mail.example", name="Lena"),
            appointment_id=UUID(int=minute),
            booked_at=at(minute).at,
            owner_user_id=owner,
        )

    assert contact.state is not None
    assert (contact.state.assigned_user_id, contact.state.latest_appointment_id) == (TOMAS, UUID(int=3))


@pytest.mark.parametrize("number", range(8))
def test_r10_what_r15_brings_back_takes_the_place_of_what_was_deleted(number: int) -> None:
    # Given a contact whose latest appointment was deleted, and is made anew, twice, by R15: whatever the ids are
    contact, first = Contact(UUID(int=9)), UUID(int=2**100 * number)
    second = next_booking_id(first)
    chain = [(first, INGRID), (second, TOMAS), (next_booking_id(second), INGRID)]
    for appointment_id, owner in chain:
        contact.add_booking(
            at(60),
            subaccount_id=SUBACCOUNT,
            guest=Guest(email="lena@mail.example", name="Lena"),
            appointment_id=appointment_id,
            booked_at=at(1).at,
            owner_user_id=owner,
        )
        # Then the contact is of who owns the one that is there
        assert contact.state is not None
        assert (contact.state.latest_appointment_id, contact.state.assigned_user_id) == (appointment_id, owner)


def test_r9_an_existing_contact_keeps_its_name_and_says_what_changed() -> None:
    contact = Contact(UUID(int=9))
    for minute, name in [(1, "Lena Vogt"), (2, "L. V.")]:
        contact.add_booking(
            at(60),
            subaccount_id=SUBACCOUNT,
            guest=Guest(email="lena@mail.example", name=name),
            appointment_id=UUID(int=minute),
            booked_at=at(minute).at,
            owner_user_id=INGRID,
        )

    assert contact.state is not None
    assert (contact.state.name, contact.state.changed) == ("Lena Vogt", ["latest_appointment_id"])
    assert contact.state.latest_booked_at > NINE


def test_an_erased_contact_has_no_state_and_is_erased_once() -> None:
    # Given a contact
    contact = Contact(UUID(int=9))
    contact.add_booking(
        at(60),
        subaccount_id=SUBACCOUNT,
        guest=Guest(email="lena@mail.example", name="Lena"),
        appointment_id=UUID(int=1),
        booked_at=at(1).at,
        owner_user_id=INGRID,
    )

    # When it is erased, twice
    contact.erase(at(61))
    contact.erase(at(62))

    # Then one event says so, and nothing is known of the person
    assert (contact.state, contact.erased) == (None, True)
    assert [type(event) for event in contact.collect_events()] == [ContactUpserted, ContactErased]


def test_a_contact_that_never_was_has_nothing_to_erase() -> None:
    contact = Contact(UUID(int=9))
    contact.erase(at(60))
    assert (contact.exists, contact.erased) == (False, False)
