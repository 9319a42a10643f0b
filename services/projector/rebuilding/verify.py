"""Compares every row of a rebuilt version with the live one, both at the same offsets (DESIGN 6.6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.projector.applying import positions
from services.projector.applying.applier import Applier
from services.projector.applying.positions import Place
from services.projector.rebuilding.alone import alone
from services.projector.rebuilding.candidates import live_of, rebuilt_of
from services.projector.rebuilding.catch_up import behind, catch_up
from services.projector.rebuilding.compare import Difference, Part, Side, differences
from services.projector.rebuilding.history import History
from services.projector.rebuilding.tools import Tools
from services.projector.versions import Version, versions
from services.runtime.database import Connection

_PAUSE = "SELECT 1 FROM projector.projections WHERE name = $1 AND version = $2 FOR UPDATE"

_NOTE = """
UPDATE projector.projections SET verified_at = now(), differences = $3 WHERE name = $1 AND version = $2
"""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was compared, at which offsets, and the rows that differ."""

    live: Version
    new: Version
    live_rows: Part
    new_rows: Part
    positions: Mapping[Place, int]
    differences: list[Difference]


@dataclass(frozen=True)
class Verify:
    """The use case."""

    tools: Tools

    async def run(self, name: str) -> Verdict:
        """Compare, note the result with the version, and return it. Raises Refused's children.

        The new version is held still meanwhile, the live one goes on: a snapshot of it is what is compared with.
        """
        tools = self.tools
        async with alone(tools.pool, name), tools.history() as history:
            there = await versions(tools.pool)
            live, new = live_of(there, name), rebuilt_of(there, name)
            async with tools.pool.acquire() as held, held.transaction():
                await held.execute(_PAUSE, name, new.version)
                reached = await positions.load(held, name=name, version=new.version)
                await self._bring(history, tools.applier(live), reached)
                return await self._compare(held, history, live, new)

    async def _bring(self, history: History, applier: Applier, target: Mapping[Place, int]) -> None:
        while True:
            try:
                async with self.tools.pool.acquire() as connection, connection.transaction():
                    known = await positions.load(connection, name=applier.name, version=applier.version)
                    if behind(known, target):
                        await catch_up(connection, history, applier, target)
            except positions.Overtaken:
                continue  # the projector was faster
            else:
                return

    async def _compare(self, held: Connection, history: History, live: Version, new: Version) -> Verdict:
        snapshot = self.tools.pool.acquire()
        async with snapshot as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            pinned = await positions.load(connection, name=live.name, version=live.version)
            await catch_up(held, history, self.tools.applier(new), pinned)
            old_rows, new_rows, found = await differences(
                Side(connection, live.name, live.version), Side(held, new.name, new.version)
            )
        await held.execute(_NOTE, new.name, new.version, len(found))
        return Verdict(live=live, new=new, live_rows=old_rows, new_rows=new_rows, positions=pinned, differences=found)
