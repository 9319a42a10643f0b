"""Rebuilds a projection: a new version, loaded from offset zero while the live one serves (DESIGN 6.6)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from services.projector.applying import dead_letters, positions
from services.projector.applying.faults import TRANSIENT
from services.projector.projections import PROJECTIONS
from services.projector.rebuilding import tables
from services.projector.rebuilding.alone import alone
from services.projector.rebuilding.load import load
from services.projector.rebuilding.progress import Progress
from services.projector.rebuilding.tools import Tools
from services.projector.versions import Version, versions

BUDGET = 40_000
"""Changes that are held in memory at most, all workers together; each is about 2 KB."""
LOOK_EVERY = 0.25
"""Seconds between two looks at how far the workers have come."""

_BEGIN = "INSERT INTO projector.projections (name, version, state) VALUES ($1, $2, 'building')"
_LOADED = "UPDATE projector.projections SET loaded_at = now() WHERE name = $1 AND version = $2"


@dataclass(frozen=True, kw_only=True)
class Rebuild:
    """The use case."""

    tools: Tools
    budget: int = BUDGET

    async def run(self, name: str, *, progress: Progress) -> Version:
        """Load a new version, or go on with the one that was interrupted; return it, loaded.

        Raises UnknownProjection, BeingChanged, Interrupted. Trouble of the database that passes is waited out.
        """
        async with alone(self.tools.pool, name):
            one, live = await self._begun(name)
            if one.loaded_at is None:
                await self._load(one, like=live.version, progress=progress)
            progress.step = "done"
            return await self._found(name, one.version)

    async def _begun(self, name: str) -> tuple[Version, Version]:
        async with self.tools.pool.acquire() as connection, connection.transaction():
            there = [one for one in await versions(connection) if one.name == name]
            live = next(one for one in there if one.state == "live")
            unfinished = next((one for one in there if one.state == "building"), None)
            if unfinished is not None:
                return unfinished, live
            number = there[-1].version + 1
            await connection.execute(_BEGIN, name, number)
            await tables.create(connection, name, version=number, like=live.version)
        return await self._found(name, number), live

    async def _load(self, one: Version, *, like: int, progress: Progress) -> None:
        known, held = await self._known(one)
        places = await self.tools.tails.partitions(PROJECTIONS[one.name].topic)
        ends = {(place.topic, place.partition): end for place, end in (await self.tools.tails.ends(places)).items()}
        starts = {place: known.get(place, 0) for place in ends}
        progress.begin(starts, ends, resumed=bool(known))
        async with self._watched(one, progress):
            await load(
                one,
                database_url=self.tools.database_url,
                bootstrap_servers=self.tools.bootstrap_servers,
                starts=starts,
                ends=ends,
                held=held,
                budget=self.budget,
            )
        progress.step = "indexing"
        async with self.tools.pool.acquire() as connection, connection.transaction():
            await tables.settle(connection, one.name, version=one.version, like=like)
            await connection.execute(_LOADED, one.name, one.version)

    async def _known(self, one: Version) -> tuple[dict[positions.Place, int], frozenset[str]]:
        async with self.tools.pool.acquire() as connection:
            known = await positions.load(connection, name=one.name, version=one.version)
            held = await dead_letters.all_held_keys(connection, name=one.name, version=one.version)
        return known, frozenset(held)

    @asynccontextmanager
    async def _watched(self, one: Version, progress: Progress) -> AsyncIterator[None]:
        watching = asyncio.create_task(self._watch(one, progress), name="watch-rebuild")
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        progress.reach((await self._known(one))[0])

    async def _watch(self, one: Version, progress: Progress) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            with suppress(*TRANSIENT):
                progress.reach((await self._known(one))[0])

    async def _found(self, name: str, number: int) -> Version:
        return next(one for one in await versions(self.tools.pool) if (one.name, one.version) == (name, number))
