"""Histories of appointments and contacts, as records."""

from uuid import UUID, uuid4

from aiokafka import ConsumerRecord
from bookstream_contracts import ContactUpsertedV1

from tests.integration.projector.test_appointments_projection import INGRID, SUBACCOUNT, TOMAS, deleted, imported, owned
from tests.support.records import NINE, raw, record

CONTACTS = "crm.calendly.contacts.v1"


def life(key: UUID, number: int) -> list[ConsumerRecord]:
    """Return an appointment's events: every third one is deleted, every fifth one was never owned."""
    events = [imported(key, offset=0)]
    if number % 5:
        events.append(owned(key, offset=1, owner=TOMAS))
    if number % 3 == 0:
        events.append(deleted(key, offset=2))
    return events


def spread(count: int) -> list[list[ConsumerRecord]]:
    """Return the events of appointments in transactions: all first ones, then all second ones, then the rest."""
    lives = [life(uuid4(), number) for number in range(count)]
    return [[one[step] for one in lives if len(one) > step] for step in range(3)]


def upserted(key: UUID, sequence: int) -> ConsumerRecord:
    """Return a contact's state after `sequence` changes."""
    event = ContactUpsertedV1(
        contact_id=key,
        subaccount_id=SUBACCOUNT,
        email=f"Guest-{key}@example.com",
        name=f"Guest {sequence}",
        assigned_user_id=INGRID,
        latest_appointment_id=uuid4(),
        first_seen_at=NINE,
        changed=("name",),
    )
    return record(event, key=key, sequence=sequence, offset=0)


def forgotten(key: UUID) -> ConsumerRecord:
    """Return the null that erases a contact."""
    return raw(CONTACTS, key=str(key).encode(), value=None, headers=[], offset=0)


def acquainted(count: int) -> list[list[ConsumerRecord]]:
    """Return the events of contacts in transactions; some come twice, some are erased, some of these come back."""
    keys = [uuid4() for _ in range(count)]
    first, second, doubled = ([upserted(key, sequence) for key in keys] for sequence in (1, 2, 1))
    nulls = [forgotten(key) for number, key in enumerate(keys) if number % 3 == 0]
    again = [upserted(key, 3) for number, key in enumerate(keys) if number % 6 == 0]
    return [first, second, doubled, nulls, again]
