"""The projector's tables, and an applier for one projection, for tests."""

import asyncio
from importlib.resources import files
from typing import Any

import asyncpg
from prometheus_client import CollectorRegistry

from services.projector.applying.applier import Applier
from services.projector.applying.metrics import Metrics
from services.projector.projections import PROJECTIONS
from services.runtime.migrations import migrate


async def tables(database_url: str) -> None:
    """Make the projector's tables."""
    folder = files("services.projector") / "migrations"
    await asyncio.to_thread(migrate, database_url=database_url, service="projector", folder=folder)


def applier(pool: asyncpg.Pool, name: str) -> Applier:
    """Return an applier of a projection's first version."""
    metrics = Metrics(CollectorRegistry()).of(name, 1)
    return Applier(pool, PROJECTIONS[name], version=1, metrics=metrics)


async def rows(pool: asyncpg.Pool, view: str) -> list[dict[str, Any]]:
    """Return a view's rows, ordered by id."""
    return [dict(row) for row in await pool.fetch(f"SELECT * FROM {view} ORDER BY id")]
