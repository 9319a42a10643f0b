"""Forgetting a person (DESIGN 2): nothing of them is kept; who books again is another contact (R9)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain import ids
from domain.contact import Contact, ContactErased, ContactUpserted
from services.ingest.erasing.erase_person import ErasePerson, Receipt
from services.ingest.event_store import EventStore
from services.ingest.event_store.published import published
from tests.integration.ingest.removing.conftest import Scene, ingest, scene, stand_in, studio
from tests.support.payloads import API, body, invitee_created

__all__ = ["ingest", "scene", "stand_in", "studio"]

LENA = "Lena.Vogt@mail.example"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PARK = """
INSERT INTO ingest.inbox (id, connection_id, received_at, event, body, state, outcome, reason)
VALUES ($1, $2, now(), 'unknown', $3, 'parked', 'parked', 'payload.uri: missing')
"""


@pytest.fixture
async def connection(scene: Scene) -> str:
    """A connection; nothing is left of other tests, whose person is the same."""
    await scene.studio.ingest.pool.execute("TRUNCATE ingest.events, ingest.inbox")
    return await scene.studio.connected()


async def booked(scene: Scene, connection: str) -> str:
    """Let Lena book twice, one after the other; return the calendar."""
    calendar = await scene.studio.event_type("Intro call")
    assert (await scene.studio.select(connection, calendar)).status_code == 200
    for _ in range(2):
        await scene.booked(connection, calendar, 1)
    return calendar


async def erase(scene: Scene, email: str = LENA, *, store: EventStore | None = None, dry_run: bool = False) -> Receipt:
    ingest = scene.studio.ingest
    use_case = ErasePerson(store=store or ingest.store, pool=ingest.pool, clock=lambda: NOW)
    return await use_case.run(
        subaccount_id=scene.studio.subaccount, email=email, command_id=UUID(int=7), dry_run=dry_run
    )


def contact_id(scene: Scene) -> UUID:
    return ids.contact_id(subaccount_id=scene.studio.subaccount, address=LENA.casefold())


async def kept_of(scene: Scene, text: str) -> list[str]:
    """Return the tables of ingest whose rows hold a text, in any column."""
    pool = scene.studio.ingest.pool
    tables = [row["t"] for row in await pool.fetch("SELECT tablename AS t FROM pg_tables WHERE schemaname = 'ingest'")]
    holds = "SELECT EXISTS (SELECT 1 FROM ingest.{} AS t WHERE t::text ILIKE $1 OR t::text ILIKE $2)"
    either = f"%{text}%", f"%{text.encode().hex()}%"  # bytes are shown as hexadecimal digits
    return [table for table in tables if await pool.fetchval(holds.format(table), *either)]


async def test_nothing_of_the_person_is_kept_and_the_receipt_does_not_name_them(scene: Scene, connection: str) -> None:
    # Given a person with two appointments, and a parked delivery that names them
    await booked(scene, connection)
    delivery = body(invitee_created(uri=None))
    await scene.studio.ingest.pool.execute(PARK, uuid4(), UUID(connection), delivery)
    assert sorted(await kept_of(scene, "Lena.Vogt")) == ["events", "inbox"]
    # When they are erased, the address written in another way
    receipt = await erase(scene, "  LENA.VOGT@mail.example ")
    # Then no table has their name or address
    assert (await kept_of(scene, "Lena.Vogt"), await kept_of(scene, "Lena Vogt")) == ([], [])
    # And the receipt says what was done
    assert receipt == Receipt(
        contact_id=contact_id(scene),
        erased_at=NOW,
        events=2,
        parked=1,
        waiting=0,
        position=await scene.studio.ingest.store.end(),
    )


async def test_the_topic_gets_a_null_under_the_contacts_id(scene: Scene, connection: str) -> None:
    # Given a person who was erased
    await booked(scene, connection)
    await erase(scene)
    # When the contact's history is published
    *_, last = [published(one) for one in await scene.studio.ingest.store.history(contact_id(scene))]
    # Then its last record is a null with the place in the log, on the topic of contacts
    assert last is not None
    headers: dict[str, Any] = dict(last.headers)
    assert (last.topic, last.key, last.value) == ("crm.calendly.contacts.v1", str(contact_id(scene)).encode(), None)
    assert (headers["ce_sequence"], headers["ce_subject"]) == (b"3", last.key)


async def test_who_books_again_is_another_contact_also_a_second_time(scene: Scene, connection: str) -> None:
    # Given a person who was erased, twice over, and booked in between
    calendar = await booked(scene, connection)
    await erase(scene)
    await scene.booked(connection, calendar, 1)
    second = await erase(scene)
    # When they book once more
    await scene.booked(connection, calendar, 1)
    # Then each time it was another contact, and only the last one is known
    follower = ids.next_contact_id(contact_id(scene))
    last = ids.next_contact_id(follower)
    assert second.contact_id == follower
    contacts = await scene.studio.ingest.store.load(Contact, [contact_id(scene), follower, last])
    assert [one.erased for one in contacts.values()] == [True, True, False]
    state = contacts[last].state
    assert state is not None
    assert (state.email, state.name) == (LENA, "Lena Vogt")


async def test_who_is_not_there_leaves_everything_as_it_is(scene: Scene, connection: str) -> None:
    # Given a person who was erased
    await booked(scene, connection)
    await erase(scene)
    end = await scene.studio.ingest.store.end()
    # When they, and somebody unknown, are erased
    nothing = Receipt(contact_id=None, erased_at=None, events=0, parked=0, waiting=0, position=None)
    assert [await erase(scene), await erase(scene, "nobody@mail.example")] == [nothing, nothing]
    # Then nothing was recorded
    assert await scene.studio.ingest.store.end() == end


async def test_a_dry_run_says_what_would_be_and_changes_nothing(scene: Scene, connection: str) -> None:
    # Given a person
    await booked(scene, connection)
    end = await scene.studio.ingest.store.end()
    # When it is asked what erasing would do
    receipt = await erase(scene, dry_run=True)
    # Then it is told, and nothing is changed
    assert (receipt.contact_id, receipt.events, receipt.position) == (contact_id(scene), 2, None)
    assert await scene.studio.ingest.store.end() == end
    assert "events" in await kept_of(scene, "Lena.Vogt")


async def test_parked_deliveries_of_others_and_of_other_tenants_stay(scene: Scene, connection: str) -> None:
    # Given parked deliveries: of somebody else, and of the same person at another tenant
    await booked(scene, connection)
    other, foreign = uuid4(), uuid4()
    pool = scene.studio.ingest.pool
    await pool.execute(PARK, other, UUID(connection), body(invitee_created(email="ada@guest.example", name="Ada")))
    await pool.execute(PARK, foreign, uuid4(), body(invitee_created()))
    # When the person is erased
    receipt = await erase(scene)
    # Then both are still there
    assert receipt.parked == 0
    rows = await pool.fetch("SELECT id FROM ingest.inbox WHERE state = 'parked' AND body IS NOT NULL")
    assert {other, foreign} <= {row["id"] for row in rows}


async def test_a_booking_that_is_imported_meanwhile_is_erased_too(scene: Scene, connection: str) -> None:
    # Given a store that lets a booking of the person in, between reading and saving
    calendar = await booked(scene, connection)

    class Interrupted(EventStore):
        calls = 0

        async def save(self, *given: Any, **more: Any) -> None:
            Interrupted.calls += 1
            if Interrupted.calls == 1:
                await scene.delivered(
                    connection, calendar, [f"{API}/scheduled_events/S9/invitees/I9"], store=scene.studio.ingest.store
                )
            await super().save(*given, **more)

    # When they are erased
    async with Interrupted.open(scene.database_url) as store:
        receipt = await erase(scene, store=store)
    # Then it was decided anew, with the third booking
    assert (Interrupted.calls, receipt.events) == (2, 3)
    assert await kept_of(scene, "Lena.Vogt") == []
    events = await scene.studio.ingest.store.events_of([contact_id(scene)])
    assert [type(one) for one in events[contact_id(scene)]] == [ContactUpserted] * 3 + [ContactErased]
