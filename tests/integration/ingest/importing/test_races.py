"""Others who write between an import's decision and its saving: it decides anew, and each booking is one (R12)."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.booking import BookingImported, OwnerAssigned
from domain.contact import Contact, ContactUpserted
from tests.support.importing import NINE, Imports, Paused, booking, calendar, kinds

DEADLINE = 20
"""Seconds."""
ONCE = ["BookingImported", "OwnerAssigned"]


@asynccontextmanager
async def between(
    imports: Imports, paused: Paused, *, only: Iterable[UUID] = (), draw: Any = min
) -> AsyncIterator[None]:
    """Hold an import between its decision and its saving; let it go on afterwards, to its end."""
    task = asyncio.create_task(imports.import_all(store=paused, only=only, draw=draw))
    async with asyncio.timeout(DEADLINE):
        await paused.reached.wait()
        yield
        paused.go_on.set()
        await task


async def test_r14_a_calendar_deselected_while_a_booking_is_imported_makes_no_appointment(
    imports: Imports, paused: Paused
) -> None:
    # Given a booking that is decided and not saved yet
    connection = await imports.connected(calendar())
    await imports.arrives(connection, booking(1))
    # When its calendar is deselected meanwhile
    async with between(imports, paused):
        await imports.select(connection, removed={calendar(): "keep"}, at=NINE + timedelta(hours=2))
    # Then it is decided anew, by what holds now
    assert await imports.became() == [("left_out", "R14")]
    assert await imports.history(imports.booking_id(1)) == []
    assert await imports.history(imports.contact_id("lena.vogt@mail.example")) == []
    assert paused.saves == 2


async def test_r12_who_selects_while_a_booking_is_imported_takes_part_in_the_draw(
    imports: Imports, paused: Paused
) -> None:
    # Given a booking of a shared calendar, decided among the one who has it selected
    first, second = UUID(int=1), UUID(int=2)
    connection = await imports.connected(calendar(), kind="shared", user=first)
    await imports.arrives(connection, booking(1))
    # When another user selects it meanwhile
    async with between(imports, paused, draw=max):
        await imports.connected(calendar(), kind="shared", user=second)
    # Then the draw that is recorded was made among both
    owner = (await imports.history(imports.booking_id(1)))[1]
    assert isinstance(owner, OwnerAssigned)
    assert (owner.owner_user_id, owner.candidates) == (second, [first, second])
    assert paused.saves == 2


async def test_a_selection_of_another_calendar_does_not_disturb_an_import(imports: Imports, paused: Paused) -> None:
    connection = await imports.connected(calendar(1))
    await imports.arrives(connection, booking(1, of=calendar(1)))
    async with between(imports, paused):
        await imports.connected(calendar(2))
    assert await imports.became() == [("imported", "R4")]
    assert paused.saves == 1


async def test_r4_two_importers_at_once_make_each_booking_once(imports: Imports, paused: Paused) -> None:
    # Given an importer that has decided ten bookings
    connection = await imports.connected(calendar())
    await imports.arrives(connection, *(booking(number) for number in range(1, 11)))
    # When another one imports the same ten, and five more, before it saves
    async with between(imports, paused):
        await imports.arrives(connection, *(booking(number) for number in range(11, 16)))
        await imports.import_all()
    # Then each is there once, and was settled once
    assert await imports.became() == [("imported", "R4")] * 15
    for number in range(1, 16):
        assert kinds(await imports.history(imports.booking_id(number))) == ONCE
    statement = "SELECT DISTINCT attempts FROM ingest.inbox WHERE connection_id = $1"
    assert [row[0] for row in await imports.pool.fetch(statement, connection)] == [1]


async def test_r12_of_two_draws_for_one_booking_the_first_that_is_saved_stays(imports: Imports, paused: Paused) -> None:
    # Given a draw that was made and not saved yet
    users = [UUID(int=1), UUID(int=2)]
    first, _ = [await imports.connected(calendar(), kind="shared", user=user) for user in users]
    await imports.arrives(first, booking(1))
    # When another importer draws and saves before it
    async with between(imports, paused, draw=min):
        await imports.import_all(draw=max)
    # Then the appointment has one owner, and so has its contact
    imported, owner = await imports.history(imports.booking_id(1))
    assert isinstance(imported, BookingImported)
    assert isinstance(owner, OwnerAssigned)
    assert (owner.owner_user_id, owner.candidates) == (users[1], users)
    (contact,) = await imports.history(imports.contact_id("lena.vogt@mail.example"))
    assert isinstance(contact, ContactUpserted)
    assert contact.assigned_user_id == users[1]


async def test_r9_two_first_bookings_of_one_person_imported_at_once_are_one_contact(
    imports: Imports, paused: Paused
) -> None:
    # Given a person's booking that is decided, when nobody knew the person, and not saved yet
    connection = await imports.connected(calendar())
    (earlier,) = await imports.arrives(connection, booking(1, name="Lena Vogt"))
    (later,) = await imports.arrives(connection, booking(2, name="L. Vogt", email="LENA.VOGT@mail.example"))
    # When another importer imports a later booking of this person first
    async with between(imports, paused, only=[earlier]):
        await imports.import_all(only=[later])
    # Then there is one contact: with the name that came first, and the appointment that was booked last
    contact_id = imports.contact_id("lena.vogt@mail.example")
    contact = (await imports.store.load(Contact, [contact_id]))[contact_id]
    assert contact.state is not None
    assert (contact.version, contact.state.name) == (1, "L. Vogt")
    assert contact.state.latest_appointment_id == imports.booking_id(2)
    bookings = [(await imports.history(imports.booking_id(number)))[0] for number in (1, 2)]
    assert [one.__dict__["contact_id"] for one in bookings] == [contact_id] * 2


async def test_deliveries_of_one_booking_imported_by_many_at_once_make_one_appointment(imports: Imports) -> None:
    # Given twenty deliveries of two bookings
    connection = await imports.connected(calendar())
    await imports.arrives(connection, *(booking(number % 2) for number in range(20)))
    # When four importers take them at once
    await asyncio.gather(*(imports.import_all() for _ in range(4)))
    # Then each is one appointment
    became = await imports.became()
    assert became[:2] == [("imported", "R4")] * 2
    assert became[2:] == [("duplicate", "R4")] * 18
    assert kinds(await imports.history(imports.booking_id(0))) == ONCE
    assert kinds(await imports.history(imports.booking_id(1))) == ONCE
