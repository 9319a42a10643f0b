"""The consumers of this process: one for each version that is fed, begun and ended as versions come and go."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import structlog
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from services.projector.applying.faults import TRANSIENT
from services.projector.applying.metrics import Metrics
from services.projector.feeding import Feeder, feeding
from services.projector.versions import Version, versions

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at which versions there are."""


class Consumers:
    """What consumes in this process, and whether it advances."""

    def __init__(
        self, pool: asyncpg.Pool, *, bootstrap_servers: str, names: Collection[str], registry: CollectorRegistry
    ) -> None:
        self._pool = pool
        self._servers = bootstrap_servers
        self._names = names
        self._metrics = Metrics(registry)
        self._running: dict[tuple[str, int], tuple[Feeder, AsyncExitStack]] = {}

    async def advance(self) -> bool:
        """Tell whether every consumer has its partitions assigned and waits for no database."""
        return all(feeder.advances for feeder, _ in self._running.values())

    async def follow(self) -> None:
        """Begin and end consumers as versions are rebuilt and dropped, for ever. Raises what a consumer failed with."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for feeder, _ in self._running.values():
                if feeder.defect is not None:
                    raise feeder.defect
            try:
                await self.adjust()
            except (*TRANSIENT, KafkaError) as error:
                log.warning("versions are not looked at", error=type(error).__name__)

    async def adjust(self) -> None:
        """Feed those versions that are to be fed, and no others. Raises NotMigrated, KafkaConnectionError."""
        wanted = {(one.name, one.version): one for one in await versions(self._pool) if self._is_ours(one)}
        for key in self._running.keys() - wanted.keys():
            await self._end(key)
        for key in sorted(wanted.keys() - self._running.keys()):
            await self._begin(wanted[key])

    async def close(self) -> None:
        """End all consumers."""
        for key in list(self._running):
            await self._end(key)

    def _is_ours(self, one: Version) -> bool:
        return one.name in self._names and one.is_fed

    async def _begin(self, one: Version) -> None:
        opened = AsyncExitStack()
        feeder = await opened.enter_async_context(
            feeding(self._pool, one, bootstrap_servers=self._servers, metrics=self._metrics)
        )
        self._running[one.name, one.version] = feeder, opened
        log.info("feeds", projection=one.name, version=one.version)

    async def _end(self, key: tuple[str, int]) -> None:
        _, opened = self._running.pop(key)
        await opened.aclose()
        log.info("feeds no more", projection=key[0], version=key[1])


@asynccontextmanager
async def open_consumers(
    pool: asyncpg.Pool, *, bootstrap_servers: str, names: Collection[str], registry: CollectorRegistry
) -> AsyncIterator[Consumers]:
    """Consume for the projections named, as long as the context lasts. Raises NotMigrated, KafkaConnectionError."""
    consumers = Consumers(pool, bootstrap_servers=bootstrap_servers, names=names, registry=registry)
    try:
        await consumers.adjust()
        yield consumers
    finally:
        await consumers.close()
