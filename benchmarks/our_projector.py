"""The project's live consumers, as `bookstream projector` opens them, from zero to the end of the topics."""

import asyncio

from prometheus_client import CollectorRegistry

from benchmarks import read_models
from benchmarks.given import Given, Stopwatch
from benchmarks.our_rebuild import drop_rebuilt
from services.projector.consumers import open_consumers
from services.runtime.database import pool as database_pool
from services.runtime.server import tune_interpreter

LOOK_EVERY = 0.02
"""Seconds between two looks at the stored positions."""

_APPLIED = "SELECT sum(events_applied) FROM projector.projections WHERE name = ANY($1::text[])"


async def prepare(given: Given) -> None:
    """Empty the tables of the only versions there are."""
    await drop_rebuilt(given)
    await read_models.empty(given.database_url)


async def run(given: Given, stopwatch: Stopwatch) -> None:
    """Consume until every event is committed."""
    tune_interpreter()
    servers, registry = given.bootstrap_servers, CollectorRegistry()
    async with (
        database_pool(given.database_url) as pool,
        open_consumers(pool, bootstrap_servers=servers, names=given.names, registry=registry),
    ):
        while await pool.fetchval(_APPLIED, list(given.names)) < given.events:  # noqa: ASYNC110, the tables tell
            await asyncio.sleep(LOOK_EVERY)
        stopwatch.stop()
