"""Where the comparison of each connection stands. A pass that was interrupted goes on where it was."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from services.ingest.event_store import Statement

STALE = timedelta(hours=1)
"""After which an interrupted pass is begun anew: too much may have been booked in what it had compared."""

_DUE = """
SELECT c.id
  FROM ingest.connections AS c LEFT JOIN ingest.reconciliations AS r ON r.connection_id = c.id
 WHERE c.state = 'connected' AND coalesce(r.next_at, c.connected_at + $3) <= $1
 ORDER BY coalesce(r.next_at, c.connected_at + $3), c.id LIMIT $2
"""

_BEGIN = """
INSERT INTO ingest.reconciliations AS r (connection_id, pass_id, began_at, next_at) VALUES ($1, $2, $3, $3)
ON CONFLICT (connection_id) DO UPDATE
   SET pass_id = excluded.pass_id, began_at = excluded.began_at, reached = NULL, imported = 0, finished_at = NULL
 WHERE (r.finished_at IS NOT NULL AND r.next_at <= $3) OR r.began_at < $4
"""

_ONE = "SELECT pass_id, began_at, reached, finished_at FROM ingest.reconciliations WHERE connection_id = $1"

_REACH = """
UPDATE ingest.reconciliations SET reached = %(reached)s, imported = imported + %(imported)s
 WHERE connection_id = %(connection_id)s AND pass_id = %(pass_id)s
"""

_FINISH = """
UPDATE ingest.reconciliations SET finished_at = $2, next_at = $3 WHERE connection_id = $1 RETURNING imported
"""

_POSTPONE = "UPDATE ingest.reconciliations SET next_at = $2 WHERE connection_id = $1"


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One comparison of a connection with Calendly; `reached` is the start of the last meeting that was compared."""

    pass_id: UUID
    began_at: datetime
    reached: datetime | None
    finished_at: datetime | None


class Passes:
    """Begins and ends passes, and tells which are due."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def due(self, *, at: datetime, every: timedelta, limit: int) -> list[UUID]:
        """Return connections to be compared now, the longest overdue first; a new one is due after a first interval."""
        return [row["id"] for row in await self._pool.fetch(_DUE, at, limit, every)]

    async def begin(self, connection_id: UUID, *, at: datetime, anew: bool) -> Pass | None:
        """Begin a pass, or take up the one that was interrupted. None where no pass is due.

        `anew` begins one in any case; an interrupted one that is stale is begun anew too.
        """
        older_than = at + STALE if anew else at - STALE
        await self._pool.execute(_BEGIN, connection_id, uuid4(), at, older_than)
        row: Any = await self._pool.fetchrow(_ONE, connection_id)
        found = Pass(**row)
        return None if found.finished_at else found

    async def finish(self, connection_id: UUID, *, at: datetime, next_at: datetime) -> int:
        """End a pass; return how many bookings it imported, those before an interruption included."""
        return await self._pool.fetchval(_FINISH, connection_id, at, next_at)

    async def postpone(self, connection_id: UUID, *, until: datetime) -> None:
        """Let an interrupted pass go on later."""
        await self._pool.execute(_POSTPONE, connection_id, until)


def reached(connection_id: UUID, pass_id: UUID, *, start: datetime, imported: int) -> Statement:
    """Return the statement that notes how far a pass is."""
    facts = {"connection_id": connection_id, "pass_id": pass_id, "reached": start, "imported": imported}
    return (_REACH, facts)
