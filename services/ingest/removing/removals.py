"""Deletions as the database holds them: which are open, how far each is, and what is left of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg

from domain.booking import DeletionReason
from services.ingest.event_store import Statement

_OPEN = "SELECT calendar_id FROM ingest.removals WHERE outcome IS NULL ORDER BY agreed_at, calendar_id"

_ONE = """
SELECT calendar_id, calendar_uri, reason, cause_id, trace, done, total
  FROM ingest.removals WHERE calendar_id = $1 AND outcome IS NULL
"""

_LEFT = "SELECT booking_id FROM ingest.bookings WHERE calendar_id = $1 AND NOT deleted ORDER BY booking_id LIMIT $2"

_MARK = "UPDATE ingest.bookings SET deleted = true WHERE booking_id = ANY(%(booking_ids)s::uuid[])"

_ADVANCE = """
UPDATE ingest.removals AS r
   SET done = r.done + %(count)s,
       total = r.done + %(count)s
             + (SELECT count(*) FROM ingest.bookings AS b WHERE b.calendar_id = r.calendar_id AND NOT b.deleted)
 WHERE r.calendar_id = %(calendar_id)s AND r.cause_id = %(cause_id)s
"""

_CLOSE = """
UPDATE ingest.removals
   SET outcome = %(outcome)s, finished_at = %(at)s, total = CASE %(outcome)s WHEN 'removed' THEN done ELSE total END
 WHERE calendar_id = %(calendar_id)s AND cause_id = %(cause_id)s AND outcome IS NULL
"""


@dataclass(frozen=True, kw_only=True)
class Removal:
    """An open deletion: the calendar, the last vote's reason, cause and trace, and how many appointments are gone."""

    calendar_id: UUID
    calendar_uri: str
    reason: DeletionReason
    cause_id: UUID
    trace: str | None
    done: int
    total: int


class Removals:
    """Reads deletions. Writing happens in the event store's transactions."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def open(self) -> list[UUID]:
        """Return the calendars whose deletion is open, the one agreed first in front."""
        return [row["calendar_id"] for row in await self._pool.fetch(_OPEN)]

    async def one(self, calendar_id: UUID) -> Removal | None:
        """Return a calendar's open deletion; None where there is none."""
        row = await self._pool.fetchrow(_ONE, calendar_id)
        return Removal(**row) if row else None

    async def left(self, calendar_id: UUID, limit: int) -> list[UUID]:
        """Return bookings of a calendar that are not deleted, at most `limit`."""
        return [row["booking_id"] for row in await self._pool.fetch(_LEFT, calendar_id, limit)]


def advanced(removal: Removal, booking_ids: Sequence[UUID], *, count: int) -> list[Statement]:
    """Return the statements that note a batch as deleted, `count` of it by this transaction."""
    return [
        (_MARK, {"booking_ids": list(booking_ids)}),
        (_ADVANCE, {"calendar_id": removal.calendar_id, "cause_id": removal.cause_id, "count": count}),
    ]


def closed(removal: Removal, outcome: Literal["removed", "stopped"], *, at: datetime) -> list[Statement]:
    """Return the statement that ends a deletion; one that was agreed on anew meanwhile stays open."""
    facts = {"calendar_id": removal.calendar_id, "cause_id": removal.cause_id, "outcome": outcome, "at": at}
    return [(_CLOSE, facts)]
