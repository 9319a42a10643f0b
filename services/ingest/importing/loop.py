"""The importer at work: a batch whenever something waits."""

import asyncpg
import structlog
from prometheus_client import CollectorRegistry, Counter

from services.ingest.event_store import UNAVAILABLE
from services.ingest.importing.importer import BATCH, Importer
from services.ingest.notices import Notices
from services.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
"""Seconds after which the inbox is read without having been told: a notification can be lost."""


class ImportLoop:
    """Imports for ever; while the database is away it waits."""

    def __init__(self, importer: Importer, notices: Notices, registry: CollectorRegistry) -> None:
        self._importer = importer
        self._notices = notices
        self._settled = Counter("bookstream_settled", "Deliveries settled", registry=registry)

    async def run(self) -> None:
        """Import whatever waits, for ever."""
        backoff = Backoff()
        while True:
            try:
                settled = await self._importer.import_waiting()
            except (*UNAVAILABLE, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                log.warning("import interrupted", error=type(error).__name__)
                await backoff.wait()
                continue
            backoff.reset()
            self._settled.inc(settled)
            # A batch that was not full took all that waited; what came since has told so.
            if settled < BATCH:
                await self._notices.wait(at_most=LOOK_EVERY)
