"""Deletions at work: a batch of each as long as any is open."""

import asyncpg
import structlog
from prometheus_client import CollectorRegistry, Counter

from services.ingest.event_store import UNAVAILABLE
from services.ingest.notices import Notices
from services.ingest.removing.remove_appointments import RemoveAppointments
from services.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0
"""Seconds after which open deletions are looked for without having been told: a notification can be lost."""


class RemovalLoop:
    """Removes for ever; while the database is away it waits."""

    def __init__(self, use_case: RemoveAppointments, notices: Notices, registry: CollectorRegistry) -> None:
        self._use_case = use_case
        self._notices = notices
        self._removed = Counter("bookstream_removed", "Appointments removed by agreement", registry=registry)

    async def run(self) -> None:
        """Work off whatever deletion is open, for ever."""
        backoff = Backoff()
        while True:
            try:
                removed = await self._use_case.one_round()
            except (*UNAVAILABLE, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                log.warning("deletion interrupted", error=type(error).__name__)
                await backoff.wait()
                continue
            backoff.reset()
            if removed is None:
                await self._notices.wait(at_most=LOOK_EVERY)
            else:
                self._removed.inc(removed)
