"""One leads and others stand by: never two at once, and never nobody for long."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import asyncpg
import pytest

from services.ingest.leadership import StandDown, lead
from tests.support.scene import until

_LEADERS = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass
class Work:
    """Who works now, how many did at most, and who began, in order."""

    now: set[str] = field(default_factory=set[str])
    most: int = 0
    began: list[str] = field(default_factory=list[str])

    def of(self, who: str) -> Callable[[], Awaitable[None]]:
        """Return work that goes on until it is ended."""

        async def work() -> None:
            self.now.add(who)
            self.began.append(who)
            self.most = max(self.most, len(self.now))
            try:
                await asyncio.Event().wait()
            finally:
                self.now.remove(who)

        return work


@asynccontextmanager
async def leading(database_url: str, work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Lead, or stand by, as long as the context lasts."""
    task = asyncio.create_task(lead(database_url, "tests", work))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture(scope="module")
async def database(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


async def leader(database: asyncpg.Connection) -> int:
    """Return the session that leads."""
    (row,) = await database.fetch(_LEADERS)
    return row["pid"]


def began(work: Work, *who: str) -> Callable[[], Awaitable[bool]]:
    """Return a condition: these began, in this order, and the last of them works."""

    async def condition() -> bool:
        return work.began == list(who) and work.now == {who[-1]}

    return condition


async def looked(database: asyncpg.Connection, *, after: object) -> None:
    """Wait until somebody who stands by has looked at the lock after a moment of the database's clock."""

    async def condition() -> bool:
        statement = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_try_adv%' AND query_start > $1"
        return bool(await database.fetchval(statement, after))

    await until(condition, "the standby looked", within=10)


async def test_a_second_one_stands_by_and_takes_over_when_the_first_ends(
    database_url: str, database: asyncpg.Connection
) -> None:
    work = Work()
    async with AsyncExitStack() as second:
        async with leading(database_url, work.of("first")):
            await until(began(work, "first"), "the first leads", within=10)
            # Given a second one, which looks and does not work
            await second.enter_async_context(leading(database_url, work.of("second")))
            await looked(database, after=await database.fetchval("SELECT clock_timestamp()"))
            assert work.now == {"first"}
        # When the first ends, the second works
        await until(began(work, "first", "second"), "the second leads", within=10)
    assert (work.most, work.now) == (1, set())


async def test_a_leader_whose_session_dies_stops_before_another_begins(
    database_url: str, database: asyncpg.Connection
) -> None:
    # Given one that leads, and one that stands by
    work = Work()
    async with leading(database_url, work.of("one")):
        await until(began(work, "one"), "one leads", within=10)
        async with leading(database_url, work.of("other")):
            for times in range(2, 5):
                # When the leader's session is killed, several times
                pid = await leader(database)
                await database.execute("SELECT pg_terminate_backend($1)", pid)
                await until(lambda times=times: _times(work, times), "somebody leads again", within=10)
                # Then there is one leader, in a session of its own
                assert len(work.now) == 1
                assert await leader(database) != pid
    # And never were there two
    assert work.most == 1


async def test_a_leader_that_stands_down_is_followed_by_the_standby(database_url: str) -> None:
    work, told = Work(), asyncio.Event()

    async def fenced() -> None:
        await told.wait()
        raise StandDown("another has taken over")

    async with leading(database_url, fenced), leading(database_url, work.of("other")):
        told.set()
        await until(began(work, "other"), "the other leads", within=10)


async def test_a_database_that_refuses_is_waited_for(database_url: str, database: asyncpg.Connection) -> None:
    # Given a leader
    work, name = Work(), urlsplit(database_url).path[1:]
    server = await asyncpg.connect(urlsplit(database_url)._replace(path="/postgres").geturl())
    async with leading(database_url, work.of("one")):
        await until(began(work, "one"), "one leads", within=10)
        # When its database takes no connection for a while
        await server.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        await database.execute("SELECT pg_terminate_backend($1)", await leader(database))
        await until(lambda: _idle(work), "the work has stopped", within=10)
        await server.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
        # Then it leads again once it can
        await until(began(work, "one", "one"), "one leads again", within=20)
    await server.close()


async def _times(work: Work, times: int) -> bool:
    return len(work.began) == times and len(work.now) == 1


async def _idle(work: Work) -> bool:
    return not work.now
