"""PostgreSQL's notifications as events to wait for, on a connection of their own that is made again when it is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import structlog

from services.runtime.backoff import Backoff

log = structlog.get_logger(__name__)


class Notices:
    """Notifications on one channel. What was missed while the connection was away counts as one that came."""

    def __init__(self) -> None:
        self._came = asyncio.Event()

    def tell(self, *_: Any) -> None:
        """Note that something came."""
        self._came.set()

    async def wait(self, *, at_most: float) -> None:
        """Return when something came since the last call, or after `at_most` seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._came.wait(), at_most)
        self._came.clear()


@asynccontextmanager
async def listen(database_url: str, channel: str) -> AsyncIterator[Notices]:
    """Listen on a channel as long as the context lasts; a lost connection is made again."""
    notices = Notices()
    task = asyncio.create_task(_keep_listening(database_url, channel, notices.tell), name=f"listen-{channel}")
    try:
        yield notices
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep_listening(database_url: str, channel: str, tell: Callable[..., None]) -> None:
    backoff = Backoff()
    while True:
        try:
            await _listen_once(database_url, channel, tell, backoff)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            log.warning("cannot listen", channel=channel, error=type(error).__name__)
        await backoff.wait()


async def _listen_once(database_url: str, channel: str, tell: Callable[..., None], backoff: Backoff) -> None:
    connection = await asyncpg.connect(database_url, timeout=10)
    lost = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(channel, tell)
        tell()
        backoff.reset()
        await lost.wait()
    finally:
        connection.terminate()
