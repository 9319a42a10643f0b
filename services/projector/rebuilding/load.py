"""Loads a topic into a version: partitions in parallel, each chunk and its positions in one transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import structlog
from aiokafka import TopicPartition

from services.projector.applying.applier import TRANSIENT
from services.projector.applying.positions import Overtaken
from services.projector.projections import Projection
from services.projector.rebuilding.chunk import Chunk
from services.projector.rebuilding.history import open_history
from services.projector.rebuilding.progress import Progress
from services.projector.rebuilding.refusals import BeingChanged, Interrupted
from services.runtime.backoff import Backoff

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Loader:
    """Loads one version. `budget` is how many changes are held in memory at most, of about 2 KB each."""

    pool: asyncpg.Pool
    bootstrap_servers: str
    projection: Projection
    version: int
    budget: int
    workers: int

    async def load(
        self,
        starts: Mapping[TopicPartition, int],
        ends: Mapping[TopicPartition, int],
        *,
        held: set[str],
        progress: Progress,
    ) -> None:
        """Load what stands between the offsets; what is stored when this is interrupted stays, with its positions.

        Raises BeingChanged where another process loads the same version, Interrupted where the database refuses.
        """
        places = sorted(starts)
        shares = [places[number :: self.workers] for number in range(min(self.workers, len(places)))]
        try:
            async with asyncio.TaskGroup() as group:
                for share in shares:
                    group.create_task(self._load(share, starts, ends, held, progress))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _load(
        self,
        share: Sequence[TopicPartition],
        starts: Mapping[TopicPartition, int],
        ends: Mapping[TopicPartition, int],
        held: set[str],
        progress: Progress,
    ) -> None:
        known = {(place.topic, place.partition): starts[place] for place in share}
        chunk = Chunk(self.projection, self.version, known=known, held=set(held))
        async with open_history(self.bootstrap_servers) as history:
            async for read in history.read({place: starts[place] for place in share}, ends):
                chunk.take(read.records, read.positions)
                progress.reach(read.positions)
                if len(chunk.changes) >= self.budget // self.workers:
                    chunk = await self._store(chunk)
            await self._store(chunk)

    async def _store(self, chunk: Chunk) -> Chunk:
        backoff = Backoff()
        while True:
            try:
                async with self.pool.acquire() as connection:
                    await chunk.store(connection)
            except Overtaken:
                raise BeingChanged(self.projection.name) from None
            except TRANSIENT as error:
                log.warning("rebuild waits", projection=self.projection.name, error=type(error).__name__)
                await backoff.wait()
            except asyncpg.PostgresError as error:
                raise Interrupted(f"{chunk.projection.name} v{chunk.version}", type(error).__name__) from error
            else:
                return chunk.next()
