"""One process does the work of a name, others stand by: an advisory lock of PostgreSQL, held by a session.

Correctness never rests on it (versions and fencing see to that); it keeps replicas from working against each other.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg
import structlog

from services.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.5
"""Seconds between two looks, of a standby at the lock and of a leader at its session."""
BEGIN_AFTER = 0.2
"""Seconds between having the lock and beginning: a leader whose session was ended has seen it and stopped by then."""

_TRY = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"


class StandDown(Exception):
    """The work found that another process has taken over."""


async def lead(database_url: str, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` while this process leads, for ever; losing the session ends the work until the lock is had again."""
    backoff = Backoff()
    while True:
        try:
            await _lead_once(database_url, name, work, backoff)
        except StandDown as reason:
            log.warning("stands down", name=name, reason=str(reason))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            log.warning("cannot lead", name=name, error=type(error).__name__)
        await backoff.wait()


async def _lead_once(database_url: str, name: str, work: Callable[[], Awaitable[None]], backoff: Backoff) -> None:
    session = await asyncpg.connect(database_url, timeout=10)
    try:
        while not await session.fetchval(_TRY, name):  # noqa: ASYNC110, the lock is in another process
            await asyncio.sleep(LOOK_EVERY)
        await asyncio.sleep(BEGIN_AFTER)
        log.info("leads", name=name)
        backoff.reset()
        await _work_while_leading(session, work)
    finally:
        session.terminate()


async def _work_while_leading(session: asyncpg.Connection, work: Callable[[], Awaitable[None]]) -> None:
    working = asyncio.ensure_future(work())
    watching = asyncio.create_task(_watch(session), name="watch-leadership")
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (working, watching):
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
    (working if not working.cancelled() else watching).result()


async def _watch(session: asyncpg.Connection) -> None:
    lost = asyncio.Event()
    session.add_termination_listener(lambda _: lost.set())
    while True:
        await session.fetchval("SELECT 1", timeout=5)
        with suppress(TimeoutError):
            await asyncio.wait_for(lost.wait(), LOOK_EVERY)
