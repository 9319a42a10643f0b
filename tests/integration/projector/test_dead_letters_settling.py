"""Retrying and discarding: a record and then those behind it, in order, and nobody comes between (R23)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.projector.dead_letters.discard import discard
from services.projector.dead_letters.find import NotDeadLetters, Selection, find
from services.projector.dead_letters.outcome import Outcome, note
from services.projector.dead_letters.reading import Reader
from services.projector.dead_letters.retry import retry
from services.projector.dead_letters.settle import Fault, apply_in_order, held
from services.runtime.topics import create_topics
from tests.integration.projector.test_appointments_projection import INGRID, TOMAS, imported, owned
from tests.integration.projector.test_contacts_projection import FIRST, SECOND, upserted
from tests.integration.projector.test_set_aside import broken
from tests.support.dead_letters import (
    delete_before,
    everything,
    mend,
    put,
    put_and_apply,
    refuse,
    set_aside,
    the_letter,
)
from tests.support.projector import applier, rows
from tests.support.records import raw
from tests.support.scene import until

CHECK = Fault("could not be applied", "CheckViolationError")
CONTACTS = "crm.calendly.contacts.v1"


@pytest.fixture(scope="module")
async def topics(empty_kafka: str) -> str:
    await create_topics(empty_kafka)
    return empty_kafka


@pytest.fixture
async def reader(topics: str) -> AsyncIterator[Reader]:
    async with Reader.open(topics) as opened:
        yield opened


@pytest.fixture(autouse=True)
async def mended(pool: asyncpg.Pool) -> AsyncIterator[None]:
    yield
    await mend(pool)


async def owner(pool: asyncpg.Pool, key: UUID) -> UUID | None:
    return await pool.fetchval("SELECT owner_user_id FROM crm.appointments WHERE id = $1", key)


async def test_after_a_fix_a_retry_applies_the_record_and_then_those_behind_it(
    pool: asyncpg.Pool, topics: str, reader: Reader
) -> None:
    # Given a booking that a constraint refuses, with two owners behind it, and another booking that is not refused
    key, other = uuid4(), uuid4()
    events = [imported(key, offset=0), owned(key, offset=0), owned(key, offset=0, owner=TOMAS, sequence=3)]
    await refuse(pool)
    placed = await put_and_apply(pool, topics, "appointments", *events, broken(other, 0))
    first = placed[0].offset
    assert await set_aside(pool) == [
        (first, False, 1, "CheckViolationError"),
        (first + 1, True, 1, None),
        (first + 2, True, 1, None),
        (first + 3, False, 1, "Unreadable"),
    ]
    # When the constraint is gone, and the booking is retried
    await mend(pool)
    (letter,) = await find(pool, Selection(key=str(key)))
    outcome = await retry(pool, reader, letter, dry_run=False)
    # Then the last owner is the owner, and only what is still broken stands aside
    assert outcome == Outcome(letter=letter, became="applied", events=3)
    assert await owner(pool, key) == TOMAS
    assert await set_aside(pool) == [(first + 3, False, 1, "Unreadable")]
    assert await pool.fetchval("SELECT events_applied FROM projector.projections WHERE name = 'appointments'") == 3


async def test_what_fails_again_stays_with_those_behind_it(pool: asyncpg.Pool, topics: str, reader: Reader) -> None:
    # Given a booking that is refused
    key = uuid4()
    await refuse(pool)
    placed = await put_and_apply(pool, topics, "appointments", imported(key, offset=0), owned(key, offset=0))
    letter, first = await the_letter(pool), placed[0].offset
    # When it is retried though nothing was mended
    outcome = await retry(pool, reader, letter, dry_run=False)
    # Then that it was tried is all that changes
    assert outcome == Outcome(letter=letter, became="fails again", waiting=1, fault=CHECK, stays=letter.id)
    assert await set_aside(pool) == [(first, False, 2, "CheckViolationError"), (first + 1, True, 1, None)]
    assert await rows(pool, "crm.appointments") == []


async def test_a_later_record_that_fails_stands_first_and_what_came_before_it_is_applied(
    pool: asyncpg.Pool, topics: str, reader: Reader
) -> None:
    # Given a refused booking, and behind it a record that cannot be read, and a good one
    key = uuid4()
    await refuse(pool)
    events = [imported(key, offset=0), owned(key, offset=0), broken(key, 0), owned(key, offset=0, owner=TOMAS)]
    placed = await put_and_apply(pool, topics, "appointments", *events)
    letter = await the_letter(pool)
    # When the booking is mended and retried
    await mend(pool)
    outcome = await retry(pool, reader, letter, dry_run=False)
    # Then all before the unreadable one is applied, which now stands before the last one
    following = await the_letter(pool)
    assert (outcome.became, outcome.events, outcome.waiting, outcome.stays) == ("applied", 2, 1, following.id)
    assert await owner(pool, key) == INGRID
    third = placed[2].offset
    assert await set_aside(pool) == [(third, False, 1, "Unreadable"), (third + 1, True, 1, None)]


async def test_a_discarded_record_is_never_applied_and_those_behind_it_are(
    pool: asyncpg.Pool, topics: str, reader: Reader
) -> None:
    # Given a contact's state that cannot be read, and a good one behind it
    good = upserted(offset=0, sequence=2, user=TOMAS, latest=SECOND)
    bad = raw(CONTACTS, key=good.key, value=b"{}", headers=list(good.headers), offset=0)
    await put_and_apply(pool, topics, "contacts", bad, good)
    letter = await the_letter(pool)
    # When it is discarded
    outcome = await discard(pool, reader, letter, dry_run=False)
    # Then the good one is the contact, and nothing stands aside
    assert outcome == Outcome(letter=letter, became="discarded", events=1)
    assert [one["assigned_user_id"] for one in await rows(pool, "crm.contacts")] == [TOMAS]
    assert await set_aside(pool) == []


@pytest.mark.parametrize("decide", [retry, discard])
async def test_a_dry_run_tells_what_would_be_and_changes_nothing(
    pool: asyncpg.Pool, topics: str, reader: Reader, decide
) -> None:
    # Given a booking that was refused, could be applied now, and has one behind it
    key = uuid4()
    await refuse(pool)
    await put_and_apply(pool, topics, "appointments", imported(key, offset=0), owned(key, offset=0))
    await mend(pool)
    letter, before = await the_letter(pool), await everything(pool)
    # When it is decided about in a dry run, and then in earnest
    told = await decide(pool, reader, letter, dry_run=True)
    # Then nothing has changed in between, and the answer was right
    assert await everything(pool) == before
    assert await decide(pool, reader, letter, dry_run=False) == told
    assert await everything(pool) != before


async def test_a_record_that_is_gone_stays_until_it_is_discarded(
    pool: asyncpg.Pool, topics: str, reader: Reader
) -> None:
    # Given a refused booking that retention has taken, and an owner behind it
    key = uuid4()
    await refuse(pool)
    placed = await put_and_apply(pool, topics, "appointments", imported(key, offset=0), owned(key, offset=0))
    await delete_before(topics, placed[1])
    await mend(pool)
    letter, before = await the_letter(pool), await set_aside(pool)
    # When it is retried
    outcome = await retry(pool, reader, letter, dry_run=False)
    # Then it stays as it was, and the answer says why; discarding it goes on with the next
    gone = Fault("is no longer on its topic", "RecordGone")
    assert outcome == Outcome(letter=letter, became="gone", waiting=1, fault=gone, stays=letter.id)
    assert await set_aside(pool) == before
    assert (await discard(pool, reader, letter, dry_run=False)).events == 1
    assert await set_aside(pool) == []


async def test_states_that_compaction_took_are_passed_over_for_the_newest_one(
    pool: asyncpg.Pool, topics: str, reader: Reader
) -> None:
    # Given an unreadable state and two behind it, of which the topic keeps the newest only
    states = [
        upserted(offset=0, sequence=2, user=INGRID, latest=FIRST),
        upserted(offset=0, sequence=3, user=TOMAS, latest=SECOND),
    ]
    bad = raw(CONTACTS, key=states[0].key, value=b"{}", headers=list(states[0].headers), offset=0)
    placed = await put_and_apply(pool, topics, "contacts", bad, *states)
    await delete_before(topics, placed[2])
    # When the first is discarded
    outcome = await discard(pool, reader, await the_letter(pool), dry_run=False)
    # Then the newest is the contact, and nothing stands aside
    assert (outcome.became, outcome.events, outcome.stays) == ("discarded", 1, None)
    assert [one["assigned_user_id"] for one in await rows(pool, "crm.contacts")] == [TOMAS]
    assert await set_aside(pool) == []


async def waits_for_a_key(pool: asyncpg.Pool) -> bool:
    return await pool.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")


async def test_no_new_record_of_the_key_comes_between_and_those_of_other_keys_flow(
    pool: asyncpg.Pool, topics: str, reader: Reader
) -> None:
    # Given a refused booking that is being retried
    key, other = uuid4(), uuid4()
    await refuse(pool)
    await put_and_apply(pool, topics, "appointments", imported(key, offset=0), owned(key, offset=0))
    await mend(pool)
    later = await put(topics, owned(key, offset=0, owner=TOMAS, sequence=3))
    async with held(pool, await the_letter(pool), keep=True) as (connection, letters):
        # When a new record of its key comes, and one of another key on another partition
        applying = asyncio.create_task(applier(pool, "appointments").apply(later))
        await until(lambda: waits_for_a_key(pool), "the new record waits")
        await applier(pool, "appointments").apply([replace(imported(other, offset=0), partition=1)])
        # Then the other one is applied at once
        assert [one["id"] for one in await rows(pool, "crm.appointments")] == [other]
        await note(connection, await apply_in_order(connection, reader, letters))
    # And the new one after the retry, to the row that this made
    await applying
    assert await owner(pool, key) == TOMAS
    assert await set_aside(pool) == []


async def test_what_a_rebuild_has_set_aside_waits_until_the_version_is_loaded(pool: asyncpg.Pool, topics: str) -> None:
    # Given a dead letter of a version that is still being loaded, and so has no indexes
    await put_and_apply(pool, topics, "appointments", broken(uuid4(), 0))
    letter = await the_letter(pool)
    await pool.execute("UPDATE projector.projections SET loaded_at = NULL WHERE name = 'appointments'")
    # When it is to be decided about, then it is refused by its id
    with pytest.raises(NotDeadLetters) as refusal:
        await find(pool, Selection(ids=[letter.id]))
    await pool.execute("UPDATE projector.projections SET loaded_at = now() WHERE name = 'appointments'")
    assert refusal.value.ids == (letter.id,)
    assert [one.id for one in await find(pool, Selection(ids=[letter.id]))] == [letter.id]
