"""The consumers of this process: one subscriber for each version that is fed."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import asyncpg
from faststream.kafka import KafkaBroker
from prometheus_client import CollectorRegistry

from services.projector.applying.applier import Applier
from services.projector.applying.metrics import Metrics
from services.projector.projections import PROJECTIONS
from services.projector.subscriber import Assigned, subscribe
from services.projector.versions import versions

FED = frozenset({"live", "retired"})


class Consumers:
    """What consumes in this process, and whether it advances."""

    def __init__(self, running: dict[str, tuple[Applier, Assigned]]) -> None:
        self._running = running

    async def advance(self) -> bool:
        """Tell whether every consumer has its partitions assigned and waits for no database."""
        return all(
            assigned.partitions is not None and applier.trouble is None for applier, assigned in self._running.values()
        )


@asynccontextmanager
async def open_consumers(
    pool: asyncpg.Pool, *, bootstrap_servers: str, names: Collection[str], registry: CollectorRegistry
) -> AsyncIterator[Consumers]:
    """Consume for the projections named, as long as the context lasts. Raises NotMigrated, KafkaConnectionError."""
    broker = KafkaBroker(bootstrap_servers, logger=None, allow_auto_create_topics=False, graceful_timeout=10)
    metrics, running = Metrics(registry), dict[str, tuple[Applier, Assigned]]()
    for one in await versions(pool):
        if one.name in names and one.state in FED:
            projection = PROJECTIONS[one.name]
            applier = Applier(pool, projection, version=one.version, metrics=metrics.of(one.name))
            assigned = Assigned(pool, name=one.name, version=one.version)
            subscribe(broker, projection, applier, assigned, version=one.version)
            running[f"{one.name} v{one.version}"] = applier, assigned
    if running:
        await broker.start()
    try:
        yield Consumers(running)
    finally:
        await broker.stop()
