"""The projection `contacts`: the newest state of each, and nothing of who was erased (R9, R10)."""

from datetime import timedelta
from uuid import UUID

import asyncpg
from aiokafka import ConsumerRecord
from bookstream_contracts import ContactUpsertedV1

from tests.support.projector import applier, rows
from tests.support.records import NINE, raw, record

SUBACCOUNT = UUID("00000000-0000-4000-8000-0000000000aa")
INGRID = UUID("00000000-0000-4000-8000-000000000001")
TOMAS = UUID("00000000-0000-4000-8000-000000000002")
ADA = UUID("00000000-0000-4000-8000-0000000000ad")
FIRST = UUID("00000000-0000-4000-8000-00000000000a")
SECOND = UUID("00000000-0000-4000-8000-00000000000b")


def upserted(*, offset: int, sequence: int, user: UUID, latest: UUID) -> ConsumerRecord:
    event = ContactUpsertedV1(
        contact_id=ADA,
        subaccount_id=SUBACCOUNT,
        email="Ada@Guest.example",
        name="Ada Guest",
        assigned_user_id=user,
        latest_appointment_id=latest,
        first_seen_at=NINE - timedelta(minutes=5),
        changed=("assigned_user_id", "latest_appointment_id"),
    )
    return record(event, key=ADA, sequence=sequence, offset=offset)


def erased(*, offset: int) -> ConsumerRecord:
    return raw("crm.calendly.contacts.v1", key=str(ADA).encode(), value=None, headers=[], offset=offset)


EVENTS = [
    upserted(offset=0, sequence=1, user=INGRID, latest=FIRST),
    upserted(offset=1, sequence=2, user=TOMAS, latest=SECOND),
]


async def test_the_newest_state_is_the_row_also_when_applied_twice(pool: asyncpg.Pool) -> None:
    # When two states are applied twice
    for _ in range(2):
        await applier(pool, "contacts").apply(EVENTS)
    # Then the row is the newer one, with the count of its appointments
    assert await rows(pool, "crm.contacts") == [
        {
            "id": ADA,
            "subaccount_id": SUBACCOUNT,
            "name": "Ada Guest",
            "email": "Ada@Guest.example",
            "assigned_user_id": TOMAS,
            "latest_appointment_id": SECOND,
            "appointment_count": 0,
            "first_seen_at": NINE - timedelta(minutes=5),
        }
    ]


async def test_a_null_value_erases_the_person_and_a_later_booking_makes_the_contact_again(pool: asyncpg.Pool) -> None:
    # Given a contact that is erased, twice over
    for _ in range(2):
        await applier(pool, "contacts").apply([*EVENTS, erased(offset=2)])
    # Then nothing of the person is left
    assert await rows(pool, "crm.contacts") == []
    (left,) = await rows(pool, "projector.contacts_v1")
    assert (left["email"], left["address"], left["name"]) == (None, None, None)
    # When the person books again
    await applier(pool, "contacts").apply([upserted(offset=3, sequence=3, user=INGRID, latest=FIRST)])
    # Then the contact is there
    assert [one["email"] for one in await rows(pool, "crm.contacts")] == ["Ada@Guest.example"]
