"""The inbox as the importer sees it: what waits, and how much."""

from dataclasses import dataclass

import asyncpg

from services.ingest.inbox.deliveries import Delivery, Receiver

_WAITING = """
SELECT i.seq, i.id, i.connection_id, i.received_at, i.event, i.body, i.trace,
       c.subaccount_id, c.user_id, c.state <> 'plan_refused' AS plan_accepted
  FROM ingest.inbox AS i LEFT JOIN ingest.connections AS c ON c.id = i.connection_id
 WHERE i.state = 'waiting' AND i.seq > $2 ORDER BY i.seq LIMIT $1
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

    async def waiting(self, limit: int, *, after: int = 0) -> list[Delivery]:
        """Return the oldest deliveries that wait behind a place in the inbox, at most `limit`."""
        return [_delivery(row) for row in await self._pool.fetch(_WAITING, limit, after)]

    async def backlog(self) -> Backlog:
        """Return how much waits."""
        row = await self._pool.fetchrow(_BACKLOG)
        assert row is not None
        return Backlog(**row)


def _delivery(row: asyncpg.Record) -> Delivery:
    return Delivery(
        seq=row["seq"],
        id=row["id"],
        connection_id=row["connection_id"],
        received_at=row["received_at"],
        event=row["event"],
        body=row["body"],
        trace=row["trace"],
        receiver=_receiver(row),
    )


def _receiver(row: asyncpg.Record) -> Receiver | None:
    subaccount_id, user_id = row["subaccount_id"], row["user_id"]
    if subaccount_id is None:
        return None
    return Receiver(subaccount_id=subaccount_id, user_id=user_id, plan_accepted=row["plan_accepted"])
