"""What the use cases of this folder work with."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import asyncpg
from prometheus_client import CollectorRegistry

from services.projector.applying.applier import Applier
from services.projector.applying.metrics import Metrics
from services.projector.projections import PROJECTIONS
from services.projector.rebuilding.history import History, open_history
from services.projector.tails import Tails
from services.projector.versions import Version
from services.runtime.database import pool as database_pool


@dataclass(frozen=True, kw_only=True)
class Tools:
    """PostgreSQL, whose statements may last, and Kafka."""

    pool: asyncpg.Pool
    tails: Tails
    bootstrap_servers: str
    database_url: str

    @classmethod
    @asynccontextmanager
    async def open(cls, *, database_url: str, bootstrap_servers: str) -> "AsyncIterator[Tools]":
        """Connect, and disconnect at the end. Raises KafkaConnectionError, and what PostgreSQL refuses with."""
        async with (
            database_pool(database_url, patience=None) as pool,
            Tails.open(bootstrap_servers) as tails,
        ):
            yield cls(pool=pool, tails=tails, bootstrap_servers=bootstrap_servers, database_url=database_url)

    def history(self) -> AbstractAsyncContextManager[History]:
        """Open a reader of the topics."""
        return open_history(self.bootstrap_servers)

    def applier(self, one: Version) -> Applier:
        """Return what applies records to a version."""
        metrics = Metrics(CollectorRegistry()).of(one.name, one.version)
        return Applier(self.pool, PROJECTIONS[one.name], version=one.version, metrics=metrics)
