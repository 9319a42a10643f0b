"""The inbox as the importer sees it: what waits, and how much."""

from dataclasses import dataclass

import asyncpg

from services.ingest.inbox.deliveries import Delivery

_WAITING = """
SELECT i.id, i.connection_id, i.received_at, i.event, i.body, i.trace,
       c.state IS DISTINCT FROM 'plan_refused' AS plan_accepted
  FROM ingest.inbox AS i LEFT JOIN ingest.connections AS c ON c.id = i.connection_id
 WHERE i.state = 'waiting' ORDER BY i.seq LIMIT $1
"""

_BACKLOG = """
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
       count(*) FILTER (WHERE state = 'parked') AS parked,
       coalesce(extract(epoch FROM now() - min(received_at) FILTER (WHERE state = 'waiting')), 0)::float AS oldest
  FROM ingest.inbox WHERE state IN ('waiting', 'parked')
"""


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """Deliveries that wait and that are parked, and the age of the oldest that waits, in seconds."""

    waiting: int
    parked: int
    oldest: float


class Inbox:
    """Reads deliveries that wait. Writing is the intake's (arrivals) and the importer's (outcomes)."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def waiting(self, limit: int) -> list[Delivery]:
        """Return the oldest deliveries that wait, at most `limit`."""
        return [Delivery(**row) for row in await self._pool.fetch(_WAITING, limit)]

    async def backlog(self) -> Backlog:
        """Return how much waits."""
        row = await self._pool.fetchrow(_BACKLOG)
        assert row is not None
        return Backlog(**row)
