"""Loads a topic into a version: partitions in parallel, each chunk and its positions in one transaction."""

import asyncio
import os
from collections.abc import Mapping

from services.projector.applying.positions import Place
from services.projector.rebuilding.process import answer
from services.projector.rebuilding.refusals import Refused, WorkerLost
from services.projector.rebuilding.worker import Share
from services.projector.versions import Version

MOST_WORKERS = 4


def workers_for(partitions: int) -> int:
    """Return how many processes load partitions: one a processor, four at most."""
    return max(1, min(partitions, os.cpu_count() or 1, MOST_WORKERS))


async def load(
    one: Version,
    *,
    database_url: str,
    bootstrap_servers: str,
    starts: Mapping[Place, int],
    ends: Mapping[Place, int],
    held: frozenset[str],
    budget: int,
) -> None:
    """Load what stands between the offsets; what is stored when this is interrupted stays, with its positions.

    Raises Refused: another process loads the same version, the database refuses, a worker was killed.
    """
    places = sorted(place for place in starts if starts[place] < ends[place])
    count = workers_for(len(places))
    shares = [
        Share(
            database_url=database_url,
            bootstrap_servers=bootstrap_servers,
            name=one.name,
            version=one.version,
            starts={place: starts[place] for place in places[number::count]},
            ends={place: ends[place] for place in places[number::count]},
            held=held,
            budget=budget // count,
        )
        for number in range(count)
    ]
    try:
        async with asyncio.TaskGroup() as group:
            for share in shares:
                if share.starts:
                    group.create_task(_loaded(share))
    except* Refused as refused:
        raise refused.exceptions[0] from None


async def _loaded(share: Share) -> None:
    try:
        message = await answer(share)
    except EOFError:
        raise WorkerLost(share.name) from None
    if message is not None:
        raise Refused(message)
