"""What is accepted is stored and what is not is refused, whatever ends or is away meanwhile."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.ingest.intake import group_commit
from services.ingest.intake.group_commit import MOST_ROWS, Arrival, GroupCommit, InboxUnavailable
from services.runtime.database import pool as database_pool
from tests.support.ingest import tables
from tests.support.scene import until

_WAITS_FOR_LOCK = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%ingest.inbox%'"


@pytest.fixture(scope="module")
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    await tables(database_url)
    async with database_pool(database_url) as opened:
        yield opened


@pytest.fixture
async def locked(pool: asyncpg.Pool, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """An inbox that nobody can write until the transaction of this connection ends."""
    await pool.execute("TRUNCATE ingest.inbox")
    connection = await asyncpg.connect(database_url)
    await connection.execute("BEGIN; LOCK TABLE ingest.inbox IN ACCESS EXCLUSIVE MODE")
    yield connection
    await connection.close()


def arrival(**changes: Any) -> Arrival:
    """Return an arrival that waits to be imported."""
    given: dict[str, Any] = {
        "id": uuid4(),
        "connection_id": uuid4(),
        "received_at": datetime.now(UTC),
        "event": "invitee.created",
        "invitee_uri": None,
        "body": b"{}",
        "trace": None,
        "state": "waiting",
        "outcome": None,
        "reason": None,
    }
    return Arrival(**{**given, **changes})


async def stored(pool: asyncpg.Pool) -> set[UUID]:
    """Return the ids of what is in the inbox."""
    return {row["id"] for row in await pool.fetch("SELECT id FROM ingest.inbox")}


async def answer(commits: GroupCommit, one: Arrival) -> int:
    """Return the status that the sender of an arrival is answered."""
    try:
        await commits.store(one)
    except InboxUnavailable:
        return 503
    return 202


async def begun(locked: asyncpg.Connection) -> bool:
    """Tell whether a commit has begun and waits for the lock."""
    return bool(await locked.fetchval(_WAITS_FOR_LOCK))


async def test_at_the_end_all_that_waits_is_refused_and_all_that_was_accepted_is_stored(
    pool: asyncpg.Pool, locked: asyncpg.Connection
) -> None:
    # Given a commit that is under way, and more behind it than the next two commits would take
    arrivals = [arrival() for _ in range(2 * MOST_ROWS + 50)]
    async with GroupCommit.open(pool) as commits:
        first = asyncio.create_task(answer(commits, arrivals[0]))
        await until(lambda: begun(locked), "a commit waits for the lock")
        others = [asyncio.create_task(answer(commits, one)) for one in arrivals[1:]]
        await asyncio.sleep(0)
        # When the service ends
    answers = await asyncio.wait_for(asyncio.gather(first, *others), 20)
    await locked.execute("COMMIT")
    # Then each sender has an answer, and nothing is there that was not accepted, but for what was under way
    assert Counter(answers) == {503: len(arrivals)}
    assert await stored(pool) <= {arrivals[0].id}
    # And who comes later is refused too
    assert await asyncio.wait_for(answer(commits, arrival()), 5) == 503


async def test_what_was_accepted_before_the_end_is_stored(pool: asyncpg.Pool, locked: asyncpg.Connection) -> None:
    # Given deliveries of which some are stored when the service ends
    arrivals = [arrival() for _ in range(500)]
    async with GroupCommit.open(pool) as commits:
        tasks = [asyncio.create_task(answer(commits, one)) for one in arrivals]
        await until(lambda: begun(locked), "a commit waits for the lock")
        await locked.execute("COMMIT")
        await tasks[0]
        tasks += [asyncio.create_task(answer(commits, arrival())) for _ in range(500)]
        await asyncio.sleep(0)
    # Then the accepted ones are there
    answers = await asyncio.wait_for(asyncio.gather(*tasks), 20)
    accepted = {one.id for one, status in zip(arrivals, answers, strict=False) if status == 202}
    assert arrivals[0].id in accepted
    assert accepted <= await stored(pool)


async def test_a_failure_that_nobody_foresaw_refuses_its_batch_and_the_next_is_stored(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pool.execute("TRUNCATE ingest.inbox")
    async with GroupCommit.open(pool) as commits:
        # Given a batch that cannot even be written down as a statement
        with monkeypatch.context() as spoiled:
            spoiled.setattr(Arrival, "row", property(lambda _: 1 / 0))
            assert await asyncio.wait_for(answer(commits, arrival()), 5) == 503
        # Then the next one is stored
        later = arrival()
        assert await asyncio.wait_for(answer(commits, later), 5) == 202
    assert await stored(pool) == {later.id}


async def test_bodies_above_what_may_wait_are_refused_and_room_comes_back(
    pool: asyncpg.Pool, locked: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "MOST_BYTES", 100)
    async with GroupCommit.open(pool) as commits:
        # Given a commit under way, and bodies of 90 bytes behind it
        first = asyncio.create_task(answer(commits, arrival()))
        await until(lambda: begun(locked), "a commit waits for the lock")
        second = asyncio.create_task(answer(commits, arrival(body=b"x" * 90)))
        await asyncio.sleep(0)
        # When 20 more come
        assert await answer(commits, arrival(body=b"x" * 20)) == 503
        # Then they are taken once those are stored
        await locked.execute("COMMIT")
        assert await asyncio.gather(first, second) == [202, 202]
        assert await answer(commits, arrival(body=b"x" * 20)) == 202


async def test_while_the_database_is_away_senders_are_refused_and_afterwards_taken(
    pool: asyncpg.Pool, database_url: str
) -> None:
    name = urlsplit(database_url).path[1:]
    server = await asyncpg.connect(urlsplit(database_url)._replace(path="/postgres").geturl())
    async with GroupCommit.open(pool) as commits:
        assert await answer(commits, arrival()) == 202
        # Given a database that ends all sessions and takes no connection
        await server.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        refused = await answer(commits, arrival())
        # When it is back
        await server.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
        # Then the next delivery is stored, by the same process
        assert (refused, await answer(commits, arrival())) == (503, 202)
    await server.close()
