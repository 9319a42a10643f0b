"""A process that loads some partitions: decoding is Python's work, so a processor each makes it that much faster."""

import asyncio
import gc
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
import structlog
import uvloop
from aiokafka import TopicPartition

from services.projector.applying.faults import passes
from services.projector.applying.positions import Overtaken, Place
from services.projector.projections import PROJECTIONS
from services.projector.rebuilding.chunk import Chunk
from services.projector.rebuilding.history import MOST_RECORDS, open_history
from services.projector.rebuilding.refusals import BeingChanged, Interrupted, Refused
from services.runtime import logs
from services.runtime.backoff import Backoff

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one worker loads: its partitions with start and end, and how many changes it may hold in memory."""

    database_url: str
    bootstrap_servers: str
    name: str
    version: int
    starts: Mapping[Place, int]
    ends: Mapping[Place, int]
    held: frozenset[str]
    budget: int


def load(share: Share) -> str | None:
    """Load a share in a process of its own; return None, or the message of what it was refused with."""
    logs.configure()
    # All that a chunk holds is freed by counting references; looking for rings among it would double the time.
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_load(share))
    except Refused as refusal:
        return str(refusal)
    return None


async def _load(share: Share) -> None:
    chunk = Chunk(PROJECTIONS[share.name], share.version, known=dict(share.starts), held=set(share.held))
    starts = {TopicPartition(*place): position for place, position in share.starts.items()}
    ends = {TopicPartition(*place): position for place, position in share.ends.items()}
    async with (
        asyncpg.create_pool(share.database_url, min_size=1, max_size=1, command_timeout=60) as pool,
        open_history(share.bootstrap_servers) as history,
    ):
        async for read in history.read(starts, ends, at_once=min(MOST_RECORDS, share.budget)):
            chunk.take(read.records, read.positions)
            if len(chunk.changes) >= share.budget:
                chunk = await _store(pool, chunk)
        await _store(pool, chunk)


async def _store(pool: asyncpg.Pool, chunk: Chunk) -> Chunk:
    backoff = Backoff()
    while True:
        try:
            async with pool.acquire() as connection:
                await chunk.store(connection)
        except Overtaken:
            raise BeingChanged(chunk.projection.name) from None
        except Exception as error:
            if not passes(error):
                raise Interrupted(f"{chunk.projection.name} v{chunk.version}", type(error).__name__) from error
            log.warning("rebuild waits", projection=chunk.projection.name, error=type(error).__name__)
            await backoff.wait()
        else:
            return chunk.next()
