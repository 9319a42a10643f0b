"""Makes another version the live one: the views are exchanged in one transaction (DESIGN 6.6)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from services.projector.applying import positions
from services.projector.rebuilding.alone import alone
from services.projector.rebuilding.candidates import live_of, previous_of, rebuilt_of
from services.projector.rebuilding.catch_up import behind, catch_up
from services.projector.rebuilding.refusals import Differs, Lags, NotVerified
from services.projector.rebuilding.tables import table_of
from services.projector.rebuilding.tools import Tools
from services.projector.versions import Version, versions
from services.runtime.backoff import Backoff
from services.runtime.database import Connection

MOST_BEHIND = 10_000
"""Offsets that are applied within the switch; who is further behind has to catch up first."""
VIEW_WITHIN = "2s"
"""How long one attempt waits for readers of the view, while new ones wait behind it."""

_HOLD = "SELECT 1 FROM projector.projections WHERE name = $1 ORDER BY version FOR UPDATE"
_RETIRE = "UPDATE projector.projections SET state = 'retired', retired_at = now() WHERE name = $1 AND version = $2"
_ENTHRONE = "UPDATE projector.projections SET state = 'live', retired_at = NULL WHERE name = $1 AND version = $2"

_VIEW = "CREATE OR REPLACE VIEW projector.{name} AS SELECT * FROM projector.{table}"


@dataclass(frozen=True)
class Switch:
    """The use cases: to a rebuilt version, and back to the one before."""

    tools: Tools
    most_behind: int = MOST_BEHIND

    async def forward(self, name: str, *, accept_differences: bool = False) -> tuple[Version, Version]:
        """Switch to the rebuilt version; return the one before and the one that is live now.

        Raises NotVerified, Differs unless differences are accepted, Lags, and the refusals of `rebuilt_of`.
        """
        async with alone(self.tools.pool, name):
            there = await versions(self.tools.pool)
            new = rebuilt_of(there, name)
            if new.differences is None:
                raise NotVerified(name, new.label)
            if new.differences and not accept_differences:
                raise Differs(name, new.label, new.differences)
            return await self._exchange(live_of(there, name), new)

    async def back(self, name: str) -> tuple[Version, Version]:
        """Switch to the version that was live before; return both as `forward` does. Raises NothingToGoBackTo, Lags."""
        async with alone(self.tools.pool, name):
            there = await versions(self.tools.pool)
            return await self._exchange(live_of(there, name), previous_of(there, name))

    async def _exchange(self, live: Version, new: Version) -> tuple[Version, Version]:
        backoff = Backoff()
        while True:
            try:
                async with self._held(live.name) as connection:
                    await self._bring(connection, live, new)
                    await _exchange_views(connection, live, new)
            except asyncpg.LockNotAvailableError:
                await backoff.wait()  # somebody reads for long; others must not wait behind us for ever
            else:
                return live, new

    @asynccontextmanager
    async def _held(self, name: str) -> AsyncIterator[Connection]:
        async with self.tools.pool.acquire() as connection, connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{VIEW_WITHIN}'")
            await connection.execute(_HOLD, name)
            yield connection

    async def _bring(self, connection: Connection, live: Version, new: Version) -> None:
        target = await positions.load(connection, name=live.name, version=live.version)
        known = await positions.load(connection, name=new.name, version=new.version)
        offsets = behind(known, target)
        if offsets > self.most_behind:
            raise Lags(new.label, offsets)
        if offsets:
            async with self.tools.history() as history:
                await catch_up(connection, history, self.tools.applier(new), target)


async def _exchange_views(connection: Connection, live: Version, new: Version) -> None:
    await connection.execute(_RETIRE, live.name, live.version)
    await connection.execute(_ENTHRONE, new.name, new.version)
    await connection.execute(_VIEW.format(name=new.name, table=table_of(new.name, new.version)))
