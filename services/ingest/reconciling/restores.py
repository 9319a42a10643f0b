"""Restorations (R15) as the database holds them: ordered with the selection, worked off in the background."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

import asyncpg

from domain.calendar import Calendar
from domain.connection import Connection
from domain.recorded import Context
from domain.restore import selected_again
from services.ingest.event_store import Statement

RestoreOutcome = Literal["restored", "stopped", "forward"]

_ORDER = """
INSERT INTO ingest.restores (id, subaccount_id, calendar_id, calendar_uri, connection_id, reselected_at, trace, next_at)
VALUES (%(id)s, %(subaccount_id)s, %(calendar_id)s, %(calendar_uri)s, %(connection_id)s, %(at)s, %(trace)s, %(at)s)
"""

_TELL = "SELECT pg_notify('restores', '')"

_OPEN = "SELECT id FROM ingest.restores WHERE outcome IS NULL AND next_at <= $1 ORDER BY next_at, id LIMIT $2"

_ONE = """
SELECT id, subaccount_id, calendar_id, calendar_uri, reselected_at, trace, found, imported
  FROM ingest.restores WHERE id = $1 AND outcome IS NULL
"""

_UNTIL = """
SELECT calendar_id, max(reselected_at) AS until FROM ingest.restores
 WHERE subaccount_id = $1 AND outcome IS NULL GROUP BY calendar_id
"""

_PARTS = "SELECT connection_id, reached, finished FROM ingest.restore_parts WHERE restore_id = $1"

_REACH = """
INSERT INTO ingest.restore_parts (restore_id, connection_id, reached)
VALUES (%(id)s, %(connection_id)s, %(reached)s)
ON CONFLICT (restore_id, connection_id) DO UPDATE SET reached = excluded.reached
"""

_ADVANCE = """
UPDATE ingest.restores SET found = found + %(found)s, imported = imported + %(imported)s WHERE id = %(id)s
"""

_FINISH_PART = """
INSERT INTO ingest.restore_parts (restore_id, connection_id, finished) VALUES ($1, $2, true)
ON CONFLICT (restore_id, connection_id) DO UPDATE SET finished = true
"""

_CLOSE = "UPDATE ingest.restores SET outcome = $2, finished_at = $3 WHERE id = $1 AND outcome IS NULL"

_POSTPONE = "UPDATE ingest.restores SET next_at = $2 WHERE id = $1 AND outcome IS NULL"


@dataclass(frozen=True, kw_only=True)
class Restore:
    """An open restoration of one calendar, and how many bookings it has found and imported so far."""

    id: UUID
    subaccount_id: UUID
    calendar_id: UUID
    calendar_uri: str
    reselected_at: datetime
    trace: str | None
    found: int
    imported: int


@dataclass(frozen=True, kw_only=True)
class Part:
    """How far a restoration is with one account: the start of the last meeting that it looked at."""

    connection_id: UUID
    reached: datetime | None = None
    finished: bool = False


class Restores:
    """Reads restorations, ends and postpones them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def due(self, *, at: datetime, limit: int) -> list[UUID]:
        """Return open restorations to be worked on now, the oldest first."""
        return [row["id"] for row in await self._pool.fetch(_OPEN, at, limit)]

    async def one(self, restore_id: UUID) -> Restore | None:
        """Return a restoration; None where it is not open."""
        row = await self._pool.fetchrow(_ONE, restore_id)
        return Restore(**row) if row else None

    async def open_until(self, subaccount_id: UUID) -> dict[UUID, datetime]:
        """Return when the calendars under restoration were selected again, by calendar id."""
        return {row["calendar_id"]: row["until"] for row in await self._pool.fetch(_UNTIL, subaccount_id)}

    async def parts(self, restore_id: UUID) -> dict[UUID, Part]:
        """Return how far a restoration is, by connection."""
        return {row["connection_id"]: Part(**row) for row in await self._pool.fetch(_PARTS, restore_id)}

    async def finish_part(self, restore_id: UUID, connection_id: UUID) -> None:
        """Note that an account was asked for everything."""
        await self._pool.execute(_FINISH_PART, restore_id, connection_id)

    async def close(self, restore_id: UUID, outcome: RestoreOutcome, *, at: datetime) -> None:
        """End a restoration."""
        await self._pool.execute(_CLOSE, restore_id, outcome, at)

    async def postpone(self, restore_id: UUID, *, until: datetime) -> None:
        """Go on with a restoration later."""
        await self._pool.execute(_POSTPONE, restore_id, until)


def ordered(context: Context, connection: Connection, calendars: Iterable[Calendar]) -> list[Statement]:
    """Return the statements that order the restoration of those calendars which this decision selected again (R15).

    Call it after the decision and before it is saved.
    """
    facts = {
        "subaccount_id": connection.facts.subaccount_id,
        "connection_id": connection.id,
        "at": context.at,
        "trace": context.trace,
    }
    orders: list[Statement] = [
        (_ORDER, {**facts, "id": uuid4(), "calendar_id": one.id, "calendar_uri": one.label.uri})
        for one in selected_again(connection, calendars, at=context.at)
        if one.label is not None
    ]
    return [*orders, (_TELL, {})] if orders else []


def advanced(restore_id: UUID, connection_id: UUID, *, start: datetime, found: int, imported: int) -> list[Statement]:
    """Return the statements that note how far a restoration is."""
    return [
        (_REACH, {"id": restore_id, "connection_id": connection_id, "reached": start}),
        (_ADVANCE, {"id": restore_id, "found": found, "imported": imported}),
    ]
