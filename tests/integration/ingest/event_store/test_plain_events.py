"""Events that were stored with the types of their values beside them are read after the migration."""

from importlib.resources import files
from uuid import UUID

import asyncpg

from domain.contact import Contact, ContactUpserted
from services.ingest.event_store import EventStore
from tests.support.ingest import tables

SUBACCOUNT, CONTACT, OWNER, BOOKING = (UUID(int=number) for number in range(1, 5))
LOOKS_LIKE_IT = '{"_type_":"uuid_hex","_data_":"x"}'
TAGGED = """{"timestamp":{"_type_":"datetime_iso","_data_":"2026-11-24T09:00:00.000250+00:00"},"cause":"delivery",
"cause_id":{"_type_":"uuid_hex","_data_":"00000000000000000000000000000004"},"trace":null,
"subaccount_id":{"_type_":"uuid_hex","_data_":"00000000000000000000000000000001"},"email":"lena@mail.example",
"name":"{\\"_type_\\":\\"uuid_hex\\",\\"_data_\\":\\"x\\"}",
"assigned_user_id":{"_type_":"uuid_hex","_data_":"00000000000000000000000000000003"},
"latest_appointment_id":{"_type_":"uuid_hex","_data_":"00000000000000000000000000000004"},
"latest_booked_at":{"_type_":"datetime_iso","_data_":"2026-11-24T09:00:00+00:00"},
"first_seen_at":{"_type_":"datetime_iso","_data_":"2026-11-24T09:00:00+00:00"},"changed":["email"]}"""


async def test_events_of_the_first_shape_are_read(database_url: str) -> None:
    # Given an event as it was stored at first, of a person whose name looks like a value and its type
    await tables(database_url)
    database = await asyncpg.connect(database_url)
    await database.execute(
        "INSERT INTO ingest.events (originator_id, originator_version, topic, state) VALUES ($1, 1, $2, $3)",
        CONTACT,
        ContactUpserted.TOPIC,
        TAGGED.encode(),
    )
    # When the migration runs, and once more
    migration = (files("services.ingest") / "migrations" / "0007-plain-events.sql").read_text()
    for _ in range(2):
        await database.execute(migration)
    await database.close()
    # Then it is read, and the name is what it was
    async with EventStore.open(database_url) as store:
        state = (await store.load(Contact, [CONTACT]))[CONTACT].state
    assert state is not None
    assert (state.subaccount_id, state.assigned_user_id) == (SUBACCOUNT, OWNER)
    assert (state.timestamp.isoformat(), state.name) == ("2026-11-24T09:00:00.000250+00:00", LOOKS_LIKE_IT)
