"""`bookstream dead-letters` beside a running projector: what is set aside is seen, retried and discarded (R23)."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from typer.testing import CliRunner

from devstack.processes import free_port
from services.cli import dead_letters
from services.cli.tables import migrate
from services.runtime.topics import create_topics
from tests.integration.projector.test_appointments_projection import TOMAS, imported, owned
from tests.integration.projector.test_contacts_projection import FIRST, upserted
from tests.integration.projector.test_set_aside import broken
from tests.support.commands import OWN_SETTINGS, Ended, bookstream, started
from tests.support.dead_letters import everything, mend, on_topic, put, put_and_apply, refuse, set_aside
from tests.support.records import raw
from tests.support.scene import until

TOPIC = "crm.calendly.dead-letters.v1"


@pytest.fixture(scope="module")
async def settings(database_url: str, empty_kafka: str) -> dict[str, str]:
    await create_topics(empty_kafka)
    await asyncio.to_thread(migrate, "projector", database_url)
    return {"PROJECTOR_DATABASE_URL": database_url, "KAFKA_BOOTSTRAP_SERVERS": empty_kafka}


@pytest.fixture
async def pool(settings: dict[str, str]) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(settings["PROJECTOR_DATABASE_URL"], min_size=1, max_size=4) as opened:
        await opened.execute(
            "TRUNCATE projector.appointments_v1, projector.contacts_v1, projector.positions, projector.dead_letters"
        )
        yield opened
        await mend(opened)


@pytest.fixture
def servers(settings: dict[str, str]) -> str:
    return settings["KAFKA_BOOTSTRAP_SERVERS"]


def lines(end: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in end.out.splitlines()]


def told(end: Ended) -> list[dict[str, Any]]:
    assert end.code == 0, end.err
    return lines(end)


async def refused(pool: asyncpg.Pool, servers: str, *keys: UUID) -> None:
    """Set bookings aside that a constraint refuses, each with an owner behind it; the constraint is gone then."""
    await refuse(pool)
    for key in keys:
        await put_and_apply(pool, servers, "appointments", imported(key, offset=0), owned(key, offset=0, owner=TOMAS))
    await mend(pool)


async def test_list_shows_the_oldest_first_and_how_many_wait_behind(
    pool: asyncpg.Pool, servers: str, settings: dict[str, str]
) -> None:
    # Given a booking that was refused three hours ago, and one that cannot be read
    old, new = uuid4(), uuid4()
    await refused(pool, servers, old)
    await pool.execute("UPDATE projector.dead_letters SET first_failed_at = now() - interval '3 hours'")
    await put_and_apply(pool, servers, "appointments", broken(new, 0))
    # When they are listed
    listed = told(await bookstream("dead-letters", "list", settings=settings))
    # Then the first is the old one, with one behind it
    seen = ("projection", "version", "key", "reason", "error", "attempts", "waiting", "published_at")
    assert [tuple(one[field] for field in seen) for one in listed] == [
        ("appointments", 1, str(old), "could not be applied", "CheckViolationError", 1, 1, None),
        ("appointments", 1, str(new), listed[1]["reason"], "Unreadable", 1, 0, None),
    ]
    assert listed[0]["age"].startswith("03:00:0")
    # And each can be asked for alone
    for asked, key in {
        ("--older-than", "2h"): old,
        ("--since", "2026-01-01T00:00:00Z", "--older-than", "170m"): old,
        ("--reason", "unreadable"): new,
        ("--reason", "COULD NOT"): old,
        ("--key", str(new)): new,
        ("--projection", "appointments", "--limit", "1"): old,
    }.items():
        end = await asyncio.to_thread(CliRunner().invoke, dead_letters.app, ["list", *asked], env=settings)
        assert [json.loads(line)["key"] for line in end.output.splitlines()] == [str(key)]


async def test_show_tells_why_and_where_and_a_persons_data_only_when_asked(
    pool: asyncpg.Pool, servers: str, settings: dict[str, str]
) -> None:
    # Given a contact's state that cannot be read
    state = upserted(offset=0, sequence=1, user=TOMAS, latest=FIRST)
    assert state.value is not None
    bad = raw(state.topic, key=state.key, value=state.value + b"?", headers=list(state.headers), offset=0)
    (placed,) = await put_and_apply(pool, servers, "contacts", bad)
    letter = str(await pool.fetchval("SELECT id FROM projector.dead_letters"))
    # When it is shown, then its place is told
    shown = await bookstream("dead-letters", "show", letter, settings=settings)
    (row,) = told(shown)
    assert {field: row[field] for field in ("topic", "partition", "offset", "behind", "there")} == {
        "topic": state.topic,
        "partition": 0,
        "offset": placed.offset,
        "behind": [],
        "there": True,
    }
    assert "Guest" not in shown.out + shown.err
    # And the value only to who asks for it
    (whole,) = told(await bookstream("dead-letters", "show", letter, "--value", settings=settings))
    assert whole["value"].encode() == bad.value
    assert whole["headers"] == {name: value.decode() for name, value in bad.headers}


async def test_a_dry_run_changes_nothing_and_a_retry_applies_what_was_asked_for(
    pool: asyncpg.Pool, servers: str, settings: dict[str, str]
) -> None:
    # Given two refused bookings, each with its owner behind it
    one, other = uuid4(), uuid4()
    await refused(pool, servers, one, other)
    before = await everything(pool)
    # When one of them is tried and then retried
    dry = told(await bookstream("dead-letters", "retry", "--key", str(one), "--dry-run", settings=settings))
    assert await everything(pool) == before
    done = told(await bookstream("dead-letters", "retry", "--key", str(one), settings=settings))
    # Then it is there with its owner, the other one still is aside, and the dry run had told so
    assert dry == [{**done[0], "dry_run": True}]
    assert [(row["became"], row["applied"], row["waiting"], row["dry_run"]) for row in done] == [
        ("applied", 2, 0, False)
    ]
    found = await pool.fetch("SELECT id, owner_user_id FROM crm.appointments")
    assert [tuple(row) for row in found] == [(one, TOMAS)]
    assert {row["key"] for row in await pool.fetch("SELECT key FROM projector.dead_letters")} == {str(other)}
    # And both records of it were on the topic of dead letters before, though nobody else publishes here
    assert [record.key for record in await on_topic(servers, TOPIC)].count(str(one).encode()) == 2


async def test_what_fails_again_ends_with_1_and_the_others_are_applied(
    pool: asyncpg.Pool, servers: str, settings: dict[str, str]
) -> None:
    # Given one that can be applied now, and one that cannot
    good, bad = uuid4(), uuid4()
    await refused(pool, servers, good)
    await put_and_apply(pool, servers, "appointments", broken(bad, 0), owned(bad, offset=0))
    # When all are retried
    end = await bookstream("dead-letters", "retry", "--all", settings=settings)
    # Then the answer names both, and says what to do
    assert end.code == 1
    assert [(row["key"], row["became"], row["waiting"]) for row in lines(end)] == [
        (str(good), "applied", 0),
        (str(bad), "fails again", 1),
    ]
    assert end.err.startswith("bookstream: 1 could not be applied and stay, with those behind them. Look at one with")
    assert [(behind, attempts) for _, behind, attempts, _ in await set_aside(pool)] == [(False, 2), (True, 1)]
    # When the bad one is discarded, then nothing is aside any more
    discarded = told(await bookstream("dead-letters", "discard", "--reason", "unreadable", settings=settings))
    assert [(row["became"], row["applied"]) for row in discarded] == [("discarded", 1)]
    assert await set_aside(pool) == []
    assert [record.key for record in await on_topic(servers, TOPIC)].count(str(bad).encode()) == 2


async def test_where_nothing_is_meant_nothing_changes_and_it_ends_with_1(
    pool: asyncpg.Pool, servers: str, settings: dict[str, str]
) -> None:
    # Given a dead letter with one behind it
    await refused(pool, servers, uuid4())
    first, behind = [row["id"] for row in await pool.fetch("SELECT id FROM projector.dead_letters ORDER BY id")]
    before = await everything(pool)
    # When the one behind is named too, then it is refused by its id
    end = await bookstream("dead-letters", "discard", str(first), str(behind), settings=settings)
    assert (end.code, end.out) == (1, "")
    assert end.err.startswith(f"bookstream: No dead letters, so nothing was changed: {behind}. A record that waits")
    # When nothing is as described, then that is said
    end = await bookstream("dead-letters", "retry", "--key", "nowhere", settings=settings)
    assert (end.code, end.out) == (1, "")
    assert end.err == "bookstream: No dead letter is as described. List all: bookstream dead-letters list\n"
    assert await everything(pool) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("retry",),
        ("discard", "--dry-run"),
        ("retry", "--all", "7"),
        ("discard", "--all", "--key", "k"),
        ("retry", "seven"),
        ("retry", "0"),
        ("list", "--older-than", "2 hours"),
        ("list", "--since", "2026-11-24T09:00:00"),
        ("show",),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(dead_letters.app, arguments).exit_code == 2


async def test_a_running_projector_publishes_measures_and_goes_on_after_a_retry(
    pool: asyncpg.Pool, servers: str, settings: dict[str, str]
) -> None:
    # Given a running projector, and a booking that a constraint refuses
    port, key, other = free_port(), uuid4(), uuid4()
    await refuse(pool)
    async with started("projector", "--port", str(port), settings={**OWN_SETTINGS, **settings}):
        bad, _ = await put(servers, imported(key, offset=0), owned(key, offset=0))

        async def is_published() -> bool:
            found = [dict(one.headers) for one in await on_topic(servers, TOPIC)]
            origins = {(one["dl_topic"], one["dl_offset"]) for one in found}
            return (bad.topic.encode(), str(bad.offset).encode()) in origins

        await until(is_published, "the dead letter is on its topic")

        async def is_measured() -> bool:
            behind = await pool.fetchval("SELECT count(*) FROM projector.dead_letters WHERE behind AND name LIKE 'a%'")
            text = (await asyncio.to_thread(httpx2.get, f"http://127.0.0.1:{port}/metrics")).text
            return f'bookstream_dead_letters_waiting{{projection="appointments",version="1"}} {behind}.0' in text

        await until(is_measured, "the gauges tell of the one behind")
        # When it is mended and retried, and more comes for the key and another one
        await mend(pool)
        (done,) = told(await bookstream("dead-letters", "retry", "--key", str(key), settings=settings))
        await put(servers, owned(key, offset=0, owner=TOMAS, sequence=3), imported(other, offset=0))

        async def both() -> bool:
            statement = "SELECT array_agg(owner_user_id::text) FROM crm.appointments WHERE id = ANY($1)"
            return sorted(await pool.fetchval(statement, [key, other]) or (), key=str) == [str(TOMAS), None]

        # Then the projector applies them at once
        await until(both, "the appointment has its last owner, and the other one is there")
    assert (done["became"], done["applied"]) == ("applied", 2)
    assert str(key) not in {row["key"] for row in await pool.fetch("SELECT key FROM projector.dead_letters")}
