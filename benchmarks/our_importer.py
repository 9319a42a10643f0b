"""The project's importer, as `bookstream ingest` runs it, until nothing waits."""

import secrets
from datetime import UTC, datetime

from benchmarks.given import Given, Stopwatch
from benchmarks.waiting import fill_inbox
from services.ingest.event_store import EventStore
from services.ingest.importing.importer import Importer
from services.ingest.inbox.inbox import Inbox
from services.runtime.database import pool as database_pool
from services.runtime.server import tune_interpreter


class NotImported(Exception):
    """Deliveries did not become appointments."""


async def prepare(given: Given) -> None:
    """Fill the inbox."""
    await fill_inbox(given.database_url, count=given.events)


async def run(given: Given, stopwatch: Stopwatch) -> None:
    """Import. Raises NotImported."""
    tune_interpreter()
    async with database_pool(given.database_url) as pool, EventStore.open(given.database_url) as store:
        importer = Importer(store=store, inbox=Inbox(pool), clock=lambda: datetime.now(UTC), draw=secrets.choice)
        while await importer.import_waiting():
            pass
        stopwatch.stop()
        imported = await pool.fetchval("SELECT count(*) FROM ingest.inbox WHERE outcome = 'imported'")
    if imported != given.events:
        raise NotImported(f"{imported} of {given.events} deliveries were imported")
