"""Comparing with Calendly at work: connections when they are due, restorations as soon as they are ordered."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog
from prometheus_client import CollectorRegistry, Counter

from services.ingest.calendly.errors import Unavailable
from services.ingest.event_store import UNAVAILABLE
from services.ingest.notices import Notices
from services.ingest.reconciling.alone import Busy
from services.ingest.reconciling.crew import Crew
from services.ingest.reconciling.decide import imported
from services.ingest.reconciling.passes import Passes
from services.ingest.reconciling.reconcile_connection import GRACE, ReconcileConnection
from services.ingest.reconciling.restore_calendar import RestoreCalendar
from services.ingest.reconciling.restores import Restores
from services.ingest.reconciling.scope import row_of
from services.ingest.reconciling.seen import Seen
from services.ingest.reconciling.tools import Tools
from services.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at what is due."""

TIDY_EVERY = 3600.0

AT_ONCE = 3
"""Connections, and restorations, that one process works on at the same time."""

MOST = 100
AGAIN_IN = timedelta(seconds=30)
"""After which what Calendly could not answer is asked again, where it names no other time."""

_AWAY = (*UNAVAILABLE, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class ReconcileLoop:
    """Compares and restores for ever. What fails for one connection is tried again and does not hold up the others."""

    def __init__(
        self,
        tools: Tools,
        notices: Notices,
        registry: CollectorRegistry,
        *,
        every: timedelta,
        grace: timedelta = GRACE,
    ) -> None:
        self._tools = tools
        self._notices = notices
        self._every = every
        self._again_in = min(every, AGAIN_IN)
        self._passes = Passes(tools.pool)
        self._restores = Restores(tools.pool)
        self._reconcile = ReconcileConnection(tools, every=every, grace=grace)
        self._restore = RestoreCalendar(tools, again_in=self._again_in)
        self._missed = Counter("bookstream_reconciled", "Bookings imported that no delivery told of", registry=registry)
        self._brought_back = Counter("bookstream_restored", "Bookings brought back by R15", registry=registry)

    async def run(self) -> None:
        """Compare and restore, for ever."""
        async with asyncio.TaskGroup() as group:
            comparing = Crew(group, self._compare, self._put_off_comparing, places=AT_ONCE)
            restoring = Crew(group, self._bring_back, self._put_off_restoring, places=AT_ONCE)
            group.create_task(_for_ever(lambda: self._look_for_due(comparing)), name="reconcile")
            group.create_task(_for_ever(lambda: self._look_for_orders(restoring)), name="restore")
            group.create_task(_for_ever(self._tidy), name="reconcile-tidy")

    async def _look_for_due(self, crew: Crew) -> None:
        for connection_id in await self._passes.due(at=self._tools.clock(), every=self._every, limit=MOST):
            crew.take(connection_id)
        await asyncio.sleep(LOOK_EVERY)

    async def _look_for_orders(self, crew: Crew) -> None:
        for restore_id in await self._restores.due(at=self._tools.clock(), limit=MOST):
            crew.take(restore_id)
        await self._notices.wait(at_most=LOOK_EVERY)

    async def _tidy(self) -> None:
        await Seen(self._tools.pool).forget_disconnected()
        await asyncio.sleep(TIDY_EVERY)

    async def _compare(self, connection_id: UUID) -> None:
        row = await row_of(self._tools, connection_id)
        if row is not None:
            with suppress(Busy):
                self._missed.inc(imported(await self._reconcile.run(row)))

    async def _bring_back(self, restore_id: UUID) -> None:
        with suppress(Busy):
            self._brought_back.inc(await self._restore.run(restore_id))

    async def _put_off_comparing(self, connection_id: UUID, error: Exception) -> None:
        log.warning("comparison interrupted", connection=str(connection_id), error=type(error).__name__)
        with suppress(*_AWAY):
            await self._passes.postpone(connection_id, until=self._tools.clock() + self._pause(error))

    async def _put_off_restoring(self, restore_id: UUID, error: Exception) -> None:
        log.warning("restoration interrupted", restore_id=str(restore_id), error=type(error).__name__)
        with suppress(*_AWAY):
            await self._restores.postpone(restore_id, until=self._tools.clock() + self._pause(error))

    def _pause(self, error: Exception) -> timedelta:
        if isinstance(error, _AWAY):
            return timedelta(seconds=LOOK_EVERY)
        asked = error.wait if isinstance(error, Unavailable) else None
        return timedelta(seconds=asked) if asked else self._again_in


async def _for_ever(one_round: Callable[[], Awaitable[None]]) -> None:
    backoff = Backoff()
    while True:
        try:
            await one_round()
        except _AWAY as error:
            log.warning("comparing with Calendly interrupted", error=type(error).__name__)
            await backoff.wait()
        else:
            backoff.reset()
