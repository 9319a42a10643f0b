"""Feeds one version of a projection from its topic, by a FastStream broker of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from faststream.kafka import KafkaBroker

from services.projector.applying.applier import Applier
from services.projector.applying.metrics import Metrics
from services.projector.projections import PROJECTIONS
from services.projector.subscriber import Assigned, subscribe
from services.projector.versions import Version


class Feeder:
    """What feeds one version, and how it fares."""

    def __init__(self, applier: Applier, assigned: Assigned) -> None:
        self._applier = applier
        self._assigned = assigned

    @property
    def advances(self) -> bool:
        """Whether it has its partitions assigned and waits for no database."""
        return self._assigned.partitions is not None and self._applier.trouble is None

    @property
    def defect(self) -> Exception | None:
        """The error that it cannot go on after, if there was one."""
        return self._applier.defect


@asynccontextmanager
async def feeding(
    pool: asyncpg.Pool, one: Version, *, bootstrap_servers: str, metrics: Metrics
) -> AsyncIterator[Feeder]:
    """Feed a version as long as the context lasts. Raises KafkaConnectionError."""
    projection = PROJECTIONS[one.name]
    broker = KafkaBroker(bootstrap_servers, logger=None, allow_auto_create_topics=False, graceful_timeout=10)
    applier = Applier(pool, projection, version=one.version, metrics=metrics.of(one.name, one.version))
    assigned = Assigned(pool, name=one.name, version=one.version)
    subscribe(broker, projection, applier, assigned, version=one.version)
    await broker.start()
    try:
        yield Feeder(applier, assigned)
    finally:
        await broker.stop()
