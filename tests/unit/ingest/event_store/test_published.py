"""What is published of each stored event: valid by its contract, on its topic, without names but on the contacts topic
(R23).
"""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from bookstream_contracts import EVENTS, TOPICS

from domain.account_link import AccountLinked, AccountUnlinked
from domain.booking import BookingDeleted, BookingImported, OwnerAssigned
from domain.calendar import SelectionAdded, SelectionRemoved
from domain.connection import CalendarDeselected, CalendarSelected, CalendlyConnected, CalendlyDisconnected
from domain.contact import ContactErased, ContactUpserted
from domain.recorded import Recorded
from services.ingest.event_store import LogEntry
from services.ingest.event_store.published import published
from services.ingest.event_store.topics import STORED_EVENTS
from services.runtime import envelope

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
SUBACCOUNT, SUBJECT, CAUSE = (UUID(int=number) for number in range(1, 4))

FACTS: dict[str, Any] = {
    "originator_id": SUBJECT,
    "originator_version": 7,
    "timestamp": NINE,
    "cause": "delivery",
    "cause_id": CAUSE,
    "trace": None,
    "subaccount_id": SUBACCOUNT,
    "user_id": uuid4(),
    "connection_id": uuid4(),
    "calendly_user_uri": "https://api.calendly.com/users/U1",
    "plan": "teams",
    "calendar_uri": "https://api.calendly.com/event_types/E1",
    "calendar_name": "Intro call",
    "calendar_kind": "shared",
    "again": True,
    "synced_events": "keep",
    "title": "Intro call",
    "starts_at": NINE,
    "ends_at": NINE,
    "contact_id": uuid4(),
    "calendly_event_uri": "https://api.calendly.com/scheduled_events/S1",
    "calendly_invitee_uri": "https://api.calendly.com/scheduled_events/S1/invitees/I1",
    "booked_at": NINE,
    "via": "reconnect",
    "owner_user_id": uuid4(),
    "rule": "random_connected_user",
    "candidates": (uuid4(), uuid4()),
    "email": "Lena.Vogt@mail.example",
    "name": "Lena Vogt",
    "assigned_user_id": uuid4(),
    "latest_appointment_id": uuid4(),
    "latest_booked_at": NINE,
    "first_seen_at": NINE,
    "changed": ("name",),
}
"""Facts that events are made of, by field; `reason` differs from one event to another."""
REASONS = {BookingDeleted: "account_disconnected", CalendarDeselected: "disconnected"}

BOOKINGS, CONTACTS, CALENDARS = "crm.calendly.bookings.v1", "crm.calendly.contacts.v1", "crm.calendly.calendars.v1"
PLACES: dict[type[Recorded], str | None] = {
    AccountLinked: None,
    AccountUnlinked: None,
    BookingDeleted: BOOKINGS,
    BookingImported: BOOKINGS,
    CalendarDeselected: CALENDARS,
    CalendarSelected: CALENDARS,
    CalendlyConnected: CALENDARS,
    CalendlyDisconnected: CALENDARS,
    ContactErased: CONTACTS,
    ContactUpserted: CONTACTS,
    OwnerAssigned: BOOKINGS,
    SelectionAdded: None,
    SelectionRemoved: None,
}
"""On which topic each stored event stands; None for what is ours alone."""
ON_TOPICS = [kind for kind, topic in PLACES.items() if topic]


def made(kind: type[Recorded]) -> Recorded:
    """Return an event of a kind."""
    facts: dict[str, Any] = FACTS | {"reason": REASONS.get(kind)}
    given: dict[str, Any] = {one.name: facts[one.name] for one in fields(kind)}
    return kind(**given)


def test_every_stored_event_is_published_or_said_to_be_ours_alone() -> None:
    assert set(PLACES) == set(STORED_EVENTS)
    records = {kind: published(LogEntry(position=5, event=made(kind))) for kind in PLACES}
    assert {kind: record.topic if record else None for kind, record in records.items()} == PLACES


@pytest.mark.parametrize("kind", ON_TOPICS, ids=lambda kind: kind.__name__)
def test_the_envelope_names_the_event_and_its_places(kind: type[Recorded]) -> None:
    record = published(LogEntry(position=5, event=made(kind)))
    assert record is not None
    assert record.key == str(SUBJECT).encode()
    told = envelope.read(dict(record.headers))
    assert (told.subject, told.subaccount, told.sequence, told.position, told.time) == (SUBJECT, SUBACCOUNT, 7, 5, NINE)
    assert dict(record.headers)["ce_causationid"] == str(CAUSE).encode()
    assert told.type == (ContactUpserted.TOPIC if kind is ContactErased else kind.TOPIC)


@pytest.mark.parametrize("kind", [one for one in ON_TOPICS if one is not ContactErased], ids=lambda kind: kind.__name__)
def test_the_value_is_valid_by_the_contract_and_tells_what_was_stored(kind: type[Recorded]) -> None:
    # Given the record of an event
    record = published(LogEntry(position=5, event=made(kind)))
    assert record is not None
    assert record.value is not None
    # When a consumer reads it
    read = EVENTS[kind.TOPIC].model_validate_json(record.value).model_dump()
    # Then each field is that of the event; the calendar is told as one
    calendar = read.pop("calendar", None)
    assert calendar in (None, {"uri": FACTS["calendar_uri"], "name": "Intro call", "kind": "shared"})
    facts = FACTS | {"reason": REASONS.get(kind), "source": "Calendly", "status": "confirmed"}
    subject = {name for name in read if read[name] == SUBJECT}
    assert len(subject) == 1
    assert {name: value for name, value in read.items() if name not in subject} == {
        name: facts[name] for name in read if name not in subject
    }


def test_an_erased_contact_is_a_null_value_under_its_id() -> None:
    record = published(LogEntry(position=5, event=made(ContactErased)))
    assert record is not None
    assert (record.topic, record.key, record.value) == (CONTACTS, str(SUBJECT).encode(), None)


def test_a_name_or_an_address_stands_on_the_contacts_topic_only() -> None:
    # Given the records of all events, and the two things that name a person
    records = [published(LogEntry(position=5, event=made(kind))) for kind in ON_TOPICS]
    telling = {one.topic for one in records if one and b"lena" in repr(one).lower().encode()}
    # Then the topic that tells of it is the one that the contracts say it is
    assert telling == {CONTACTS}
    assert {topic.name for topic in TOPICS if topic.personal_data and topic.owner == "ingest"} == {CONTACTS}
