"""A batch is one transaction, each booking there once, whatever is doubled, reversed or malformed (R4, R9, R10)."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.contact import Contact
from services.ingest.event_store import UNAVAILABLE
from services.ingest.importing import importer
from tests.support.importing import Imports, Paused, booking, calendar, invitee, kinds

IMPORTED, DUPLICATE = ("imported", "R4"), ("duplicate", "R4")


async def transactions(imports: Imports) -> set[str]:
    """Return the transactions that wrote the subaccount's bookings and settled its deliveries."""
    bookings = [imports.booking_id(number) for number in range(1, 21)]
    statement = (
        "SELECT xmin::text FROM ingest.events WHERE originator_id = ANY($1)"
        " UNION SELECT xmin::text FROM ingest.bookings WHERE booking_id = ANY($1)"
        " UNION SELECT xmin::text FROM ingest.inbox WHERE connection_id = ANY($2)"
    )
    return {row[0] for row in await imports.pool.fetch(statement, bookings, imports.connections)}


async def test_a_batch_its_outcomes_and_its_index_are_one_transaction(imports: Imports) -> None:
    # Given twenty bookings that wait
    connection = await imports.connected(calendar())
    await imports.arrives(connection, *(booking(number) for number in range(1, 21)))
    # When they are imported
    await imports.import_all()
    # Then one transaction wrote all of it
    assert await imports.became() == [IMPORTED] * 20
    assert len(await transactions(imports)) == 1


async def test_a_batch_that_cannot_be_saved_leaves_nothing_and_is_imported_later(imports: Imports) -> None:
    # Given a database in which a part of the batch cannot be written
    connection = await imports.connected(calendar())
    await imports.arrives(connection, booking(1), booking(2))
    await imports.pool.execute("ALTER TABLE ingest.bookings RENAME TO bookings_away")
    # When it is imported
    try:
        with pytest.raises(UNAVAILABLE):
            await imports.import_all()
        left = await imports.became(), await imports.history(imports.booking_id(1))
    finally:
        await imports.pool.execute("ALTER TABLE ingest.bookings_away RENAME TO bookings")
    # Then nothing of it is there, and afterwards all of it
    assert left == ([(None, None)] * 2, [])
    await imports.import_all()
    assert await imports.became() == [IMPORTED] * 2


async def test_r10_batches_of_one_person_follow_one_another_and_lose_no_race(
    imports: Imports, paused: Paused, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given three batches of bookings of one person
    monkeypatch.setattr(importer, "BATCH", 5)
    connection = await imports.connected(calendar())
    await imports.arrives(connection, *(booking(number) for number in range(1, 13)))
    # When they are imported, two batches at a time
    paused.go_on.set()
    await imports.import_all(store=paused)
    # Then each was decided once, on what the one before had left
    assert paused.saves == 3
    assert await imports.became() == [IMPORTED] * 12
    contact = imports.contact_id("lena.vogt@mail.example")
    assert (await imports.store.load(Contact, [contact]))[contact].version == 12


async def test_a_malformed_delivery_is_parked_alone_and_the_rest_of_its_batch_imported(imports: Imports) -> None:
    # Given a delivery between others that lacks what a booking needs, and one that is not even an object
    connection = await imports.connected(calendar())
    broken = booking(2, created_at="yesterday, by Lena Vogt")
    await imports.arrives(connection, booking(1), broken, b"[]", booking(3))
    # When the batch is imported
    await imports.import_all()
    # Then those two are parked with their bodies and a reason without their values, and the others imported
    assert await imports.became() == [IMPORTED, ("parked", None), ("parked", None), IMPORTED]
    statement = (
        "SELECT split_part(reason, ':', 1), reason LIKE '%Lena%' FROM ingest.inbox"
        " WHERE body IS NOT NULL AND connection_id = $1 ORDER BY seq"
    )
    told = [tuple(row) for row in await imports.pool.fetch(statement, connection)]
    assert told == [("payload.created_at", False), ("body", False)]


async def test_a_delivery_that_no_decision_can_be_made_on_is_parked_alone(imports: Imports) -> None:
    # Given a shared calendar whose draw fails, and a personal one
    def failing(_: Any) -> UUID:
        raise ValueError("Lena Vogt")

    await imports.connected(calendar(1), kind="shared")
    connection = await imports.connected(calendar(2))
    await imports.arrives(connection, booking(1, of=calendar(1)), booking(2, of=calendar(2)))
    # When both are imported
    await imports.import_all(draw=failing)
    # Then one waits for a person, and the other is an appointment
    assert await imports.became() == [("parked", None), IMPORTED]
    statement = "SELECT reason FROM ingest.inbox WHERE reason IS NOT NULL AND connection_id = $1"
    assert await imports.pool.fetchval(statement, connection) == "could not be decided: ValueError"


async def test_a_delivery_of_a_connection_that_is_not_known_is_parked_with_what_to_do(imports: Imports) -> None:
    # Given a delivery that came by a connection that is gone
    nobody = uuid4()
    await imports.arrives(nobody, booking(1))
    # When it is imported
    await imports.import_all()
    # Then a person is told
    reason = await imports.pool.fetchval("SELECT reason FROM ingest.inbox WHERE connection_id = $1", nobody)
    assert reason == "its connection is not known; retry once the connection is there"


@pytest.mark.parametrize("together", [True, False])
async def test_r4_the_same_delivery_ten_times_is_one_appointment(imports: Imports, together: bool) -> None:
    # Given a delivery that comes ten times, in one batch or in ten
    connection = await imports.connected(calendar())
    for _ in range(10):
        await imports.arrives(connection, booking(1))
        if not together:
            await imports.import_all()
    # When all are imported
    await imports.import_all()
    # Then one made the appointment, and nine name it
    assert await imports.became() == [IMPORTED] + [DUPLICATE] * 9
    assert kinds(await imports.history(imports.booking_id(1))) == ["BookingImported", "OwnerAssigned"]
    assert len(await imports.history(imports.contact_id("lena.vogt@mail.example"))) == 1
    statement = "SELECT DISTINCT appointment_id FROM ingest.inbox WHERE connection_id = $1"
    assert [row[0] for row in await imports.pool.fetch(statement, connection)] == [imports.booking_id(1)]


async def comparable(imports: Imports) -> tuple[list[tuple[Any, ...]], dict[str, tuple[Any, ...]]]:
    """Return what the appointments and contacts are, without the ids that differ from one subaccount to another."""
    numbers = {imports.booking_id(number): number for number in range(1, 11)}
    events = await imports.store.events_of(list(numbers))
    appointments = sorted(
        (numbers[one], *((type(e).__name__, e.__dict__.get("starts_at")) for e in told)) for one, told in events.items()
    )
    addresses = ("ada@guest.example", "bo@guest.example")
    loaded = await imports.store.load(Contact, map(imports.contact_id, addresses))
    states = {one: loaded[imports.contact_id(one)].state for one in addresses}
    contacts = {
        one: (state.name, numbers[state.latest_appointment_id], state.latest_booked_at, state.first_seen_at)
        for one, state in states.items()
        if state
    }
    return appointments, contacts


@pytest.mark.parametrize("together", [True, False])
async def test_r10_deliveries_in_reverse_order_give_the_same_rows_as_in_order(
    subaccounts: Callable[[], Imports], together: bool
) -> None:
    guests = [("Ada", "ada@guest.example"), ("Bo", "BO@guest.example ")]
    deliveries = [booking(one, name=guests[one % 2][0], email=guests[one % 2][1]) for one in range(1, 11)]
    found = list[Any]()
    for order in (deliveries, deliveries[::-1]):
        # Given ten bookings of two guests, in this order
        imports = subaccounts()
        connection = await imports.connected(calendar())
        # When they are imported, in one batch or in ten
        for one in order:
            await imports.arrives(connection, one)
            if not together:
                await imports.import_all()
        await imports.import_all()
        assert Counter(await imports.became()) == {IMPORTED: 10}
        found.append(await comparable(imports))
    # Then everything is the same, and each contact's latest appointment is the one booked last
    assert found[0] == found[1]
    assert {address: told[1] for address, told in found[0][1].items()} == {
        "ada@guest.example": 10,
        "bo@guest.example": 9,
    }


async def test_r9_a_booking_without_a_guest_is_an_appointment_without_a_contact(imports: Imports) -> None:
    connection = await imports.connected(calendar())
    await imports.arrives(connection, booking(1, email="  "))
    await imports.import_all()
    (imported, _) = await imports.history(imports.booking_id(1))
    assert imported.__dict__["contact_id"] is None
    statement = "SELECT calendar_id, invitee_uri FROM ingest.bookings WHERE booking_id = $1"
    row = await imports.pool.fetchrow(statement, imports.booking_id(1))
    assert row is not None
    assert tuple(row) == (imports.calendar_id(calendar()), invitee(1))
