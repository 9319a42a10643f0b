"""Dead letters on their topic: raw with reason and origin, a contact's by its place only, each once (R23)."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from prometheus_client import CollectorRegistry

from devstack.processes import free_port
from services.projector.dead_letters.publish import Publishing
from services.projector.dead_letters.record import MOST_BYTES, Passed, passed
from services.runtime.topics import create_topics
from tests.integration.projector.test_appointments_projection import owned
from tests.integration.projector.test_contacts_projection import FIRST, INGRID, upserted
from tests.integration.projector.test_set_aside import broken
from tests.support.dead_letters import on_topic, put_and_apply, the_letter
from tests.support.projector import applier

TOPIC = "crm.calendly.dead-letters.v1"
BOOKINGS, CONTACTS = "crm.calendly.bookings.v1", "crm.calendly.contacts.v1"
NAMES = ("appointments", "contacts")


@pytest.fixture(scope="module")
async def topics(empty_kafka: str) -> str:
    await create_topics(empty_kafka)
    return empty_kafka


def publishing(pool: asyncpg.Pool, servers: str, registry: CollectorRegistry | None = None) -> Publishing:
    return Publishing(pool, bootstrap_servers=servers, names=NAMES, registry=registry or CollectorRegistry())


async def published(servers: str, *of: ConsumerRecord) -> list[ConsumerRecord]:
    """Return what stands on the topic of dead letters of records that stand elsewhere, in the order of these."""
    found = [(one, dict(one.headers)) for one in await on_topic(servers, TOPIC)]
    wanted = [(one.topic.encode(), str(one.offset).encode()) for one in of]
    return [one for place in wanted for one, told in found if (told["dl_topic"], told["dl_offset"]) == place]


def facts(record: ConsumerRecord, *, name: str, reason: str, error: str) -> list[tuple[str, bytes]]:
    """Return the headers that say which record was set aside, and why."""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    told = {
        "dl_id": f"{name}/v1/{place}",
        "dl_reason": reason,
        "dl_error_class": error,
        "dl_topic": record.topic,
        "dl_partition": str(record.partition),
        "dl_offset": str(record.offset),
        "dl_attempts": "1",
        "dl_projection": name,
        "dl_version": "1",
    }
    return [(header, value.encode()) for header, value in told.items()]


async def test_a_record_comes_raw_with_reason_and_origin_and_so_do_those_behind_it(
    pool: asyncpg.Pool, topics: str
) -> None:
    # Given a record with headers that are no text, and a good one of its key behind it
    key = uuid4()
    good = owned(key, offset=0)
    told = [header for header in good.headers if header[0] != "ce_subject"]
    odd = replace(good, headers=(("ce_note", b"\xff\xfe"), ("ce_none", None), *told))
    bad, behind = await put_and_apply(pool, topics, "appointments", odd, good)
    # When they are published
    assert await publishing(pool, topics).publish() == 2
    # Then both are as they were, and say why and from where
    first, second = await published(topics, bad, behind)
    reason = (await the_letter(pool)).reason
    assert reason.startswith("headers: ")
    assert (first.key, first.value) == (second.key, second.value) == (str(key).encode(), good.value)
    why = facts(bad, name="appointments", reason=reason, error="Unreadable")
    assert list(first.headers) == [*odd.headers, *why]
    why = facts(behind, name="appointments", reason="waits behind an earlier record of its key", error="")
    assert list(second.headers) == [*good.headers, *why]


async def test_a_contact_is_named_by_its_place_only(pool: asyncpg.Pool, topics: str) -> None:
    # Given a contact's state of which a field is wrong, and one whose key is an address
    state = upserted(offset=0, sequence=1, user=INGRID, latest=FIRST)
    assert state.value is not None
    wrong = replace(state, value=state.value.replace(str(INGRID).encode(), b"Ada Guest"))
    placed = await put_and_apply(pool, topics, "contacts", wrong, replace(state, key=b"ada@guest.example"))
    # When they are published
    await publishing(pool, topics).publish()
    # Then nothing of the person is on the topic, in no part of a record
    first, second = await published(topics, *placed)
    assert (first.key, first.value, second.key, second.value) == (state.key, b"", None, b"")
    reasons = [row["reason"] for row in await pool.fetch("SELECT reason FROM projector.dead_letters ORDER BY id")]
    assert list(first.headers) == facts(placed[0], name="contacts", reason=reasons[0], error="Unreadable")
    assert list(second.headers) == facts(placed[1], name="contacts", reason=reasons[1], error="Unreadable")
    assert "guest" not in str([first, second]).casefold()


async def test_what_was_acknowledged_is_not_published_again_and_what_was_not_comes_with_the_same_id(
    pool: asyncpg.Pool, topics: str
) -> None:
    # Given a dead letter that two processes publish at once
    (bad,) = await put_and_apply(pool, topics, "appointments", broken(uuid4(), 0))
    counts = await asyncio.gather(*(publishing(pool, topics).publish() for _ in range(2)))
    assert sum(counts) == 1
    # When a process starts anew, then nothing is to be published
    assert await publishing(pool, topics).publish() == 0
    (once,) = await published(topics, bad)
    # When one ended between the acknowledgement and its note, then the record comes again with its id
    await pool.execute("UPDATE projector.dead_letters SET published_at = NULL")
    assert await publishing(pool, topics).publish() == 1
    twice = await published(topics, bad)
    assert [dict(one.headers)["dl_id"] for one in twice] == [dict(once.headers)["dl_id"]] * 2


async def test_many_are_published_in_the_order_in_which_they_were_set_aside(pool: asyncpg.Pool, topics: str) -> None:
    # Given more records of one key than are published at once
    key = uuid4()
    events = [broken(key, 0), *(owned(key, offset=0, sequence=number) for number in range(2, 301))]
    placed = await put_and_apply(pool, topics, "appointments", *events)
    # When they are published, then they stand on one partition in the order of their offsets
    assert await publishing(pool, topics).publish() == 300
    found = [one for one in await on_topic(topics, TOPIC) if one.key == str(key).encode()]
    assert len({one.partition for one in found}) == 1
    assert [int(dict(one.headers)["dl_offset"]) for one in found] == [one.offset for one in placed]


async def test_the_loop_waits_for_a_broker_that_is_away_and_measures_meanwhile(pool: asyncpg.Pool) -> None:
    # Given a dead letter of an hour ago, one behind it, and no broker
    key = uuid4()
    await applier(pool, "appointments").apply([broken(key, 0), owned(key, offset=1)])
    await pool.execute("UPDATE projector.dead_letters SET first_failed_at = now() - interval '1 hour'")
    registry = CollectorRegistry()
    one = publishing(pool, f"127.0.0.1:{free_port()}", registry)
    running = asyncio.create_task(one.run())
    # When it runs
    while registry.get_sample_value("bookstream_dead_letters_standing", _of("appointments")) is None:
        await asyncio.sleep(0.01)
    # Then it goes on, and the gauges tell
    assert not running.done()
    running.cancel()
    found = {
        (what, name): registry.get_sample_value(f"bookstream_dead_letters_{what}", _of(name))
        for what in ("standing", "waiting")
        for name in NAMES
    }
    assert found == {
        ("standing", "appointments"): 1,
        ("waiting", "appointments"): 1,
        ("standing", "contacts"): 0,
        ("waiting", "contacts"): 0,
    }
    ages = [registry.get_sample_value("bookstream_dead_letters_age_seconds", _of(name)) for name in NAMES]
    assert [int(age or 0) // 3600 for age in ages] == [1, 0]


def _of(name: str) -> dict[str, str]:
    return {"projection": name, "version": "1"}


async def test_a_record_too_large_to_be_passed_on_is_named_by_its_place(pool: asyncpg.Pool) -> None:
    # Given a record that with our headers might be more than a broker takes, and one that is gone
    key = uuid4()
    large = replace(broken(key, 7), value=b"x" * (MOST_BYTES + 1))
    await applier(pool, "appointments").apply([large])
    letter = await the_letter(pool)
    # When they are made ready, then only their place is told
    why = facts(large, name="appointments", reason=letter.reason, error="Unreadable")
    named = Passed(key=str(key).encode(), value=b"", headers=[*why])
    assert passed(letter, large) == named
    assert passed(letter, None) == named
