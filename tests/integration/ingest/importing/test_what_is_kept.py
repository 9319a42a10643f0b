"""What R6 forbids is nowhere in ingest's tables once a delivery is processed, and what R5 names is."""

from typing import Any

import pytest

from tests.support.importing import Imports, booking, calendar

FORBIDDEN = {
    "phone": {"text_reminder_number": "+47 400 MARKED-1", "sms_reminder_number": "+47 400 MARKED-2"},
    "questions and answers": {
        "questions_and_answers": [{"question": "MARKED-3?", "answer": "MARKED-4", "position": 0}],
    },
    "notes": {"scheduled_event": {"meeting_notes_plain": "MARKED-5", "meeting_notes_html": "<p>MARKED-6</p>"}},
    "place of a call": {"scheduled_event": {"location": {"type": "outbound_call", "location": "+47 400 MARKED-7"}}},
    "attachments": {"scheduled_event": {"attachments": [{"name": "MARKED-8.pdf", "url": "https://x/MARKED-9"}]}},
    "whatever Calendly adds": {"tracking": {"utm_source": "MARKED-10"}, "notes": {"host": ["MARKED-11"]}},
}


async def places(imports: Imports, text: str) -> set[str]:
    """Return ingest's tables in which a text stands, in whatever column, as it is or as bytes."""
    names = await imports.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'ingest'")
    found = set[str]()
    for (name,) in names:
        statement = f'SELECT count(*) FROM ingest."{name}" AS t WHERE t::text ILIKE ANY($1)'
        shapes = [f"%{text}%", f"%{text.encode().hex()}%"]
        if await imports.pool.fetchval(statement, shapes):
            found.add(name)
    return found


@pytest.mark.parametrize("what", FORBIDDEN)
async def test_r6_what_is_not_synced_is_kept_nowhere(imports: Imports, what: str) -> None:
    # Given a delivery that waits with it, which the search finds
    connection = await imports.connected(calendar())
    await imports.arrives(connection, booking(1, **_copied(FORBIDDEN[what])))
    assert await places(imports, "MARKED-") == {"inbox"}
    # When it is processed
    await imports.import_all()
    # Then it is found nowhere
    assert await imports.became() == [("imported", "R4")]
    assert await places(imports, "MARKED-") == set()


async def test_r6_a_delivery_that_is_left_out_or_ignored_leaves_nothing_of_its_body(imports: Imports) -> None:
    # Given a booking of a calendar that nobody selected, and a cancellation
    connection = await imports.connected()
    canceled = {**booking(2, name="MARKED-12"), "event": "invitee.canceled"}
    await imports.arrives(connection, booking(1, name="MARKED-13"), canceled)
    # When both are processed
    await imports.import_all()
    # Then their outcomes are all there is
    assert await imports.became() == [("left_out", "R3"), ("ignored", "R7")]
    assert await places(imports, "MARKED-") == set()


async def test_r5_what_is_synced_stands_in_the_events_and_a_name_in_the_contacts_alone(imports: Imports) -> None:
    # Given a booking whose title names the guest
    connection = await imports.connected(calendar())
    titled = {"name": "Intro with Marked Guest"}
    delivery = booking(1, name="Marked Guest", email="marked@guest.example", scheduled_event=titled)
    await imports.arrives(connection, delivery)
    # When it is imported
    await imports.import_all()
    # Then the guest is named by events of the contact, and by nothing else
    assert await places(imports, "Marked Guest") == {"events"}
    statement = "SELECT DISTINCT topic FROM ingest.events WHERE convert_from(state, 'UTF8') ILIKE '%marked%guest%'"
    topics = [row[0] for row in await imports.pool.fetch(statement)]
    assert topics == ["bookstream.ContactUpserted.v1"]
    imported, _ = await imports.history(imports.booking_id(1))
    assert imported.__dict__["title"] == "Intro call"


def _copied(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, dict) else value for name, value in changes.items()}
