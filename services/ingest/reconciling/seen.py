"""Which scheduled events were compared already: their invitees are not asked for again until they change."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.ingest.calendly.models import ScheduledEvent
from services.ingest.event_store import Statement

_UNCHANGED = """
SELECT s.event_uri
  FROM ingest.events_seen AS s
  JOIN unnest($2::text[], $3::timestamptz[], $4::int[]) AS e (event_uri, updated_at, invitees) USING (event_uri)
 WHERE s.connection_id = $1 AND s.updated_at = e.updated_at AND s.invitees = e.invitees
"""

_NOTE = """
INSERT INTO ingest.events_seen (connection_id, event_uri, updated_at, invitees, starts_at)
SELECT %(connection_id)s, *
  FROM unnest(%(uris)s::text[], %(updated_at)s::timestamptz[], %(invitees)s::int[], %(starts_at)s::timestamptz[])
ON CONFLICT (connection_id, event_uri) DO UPDATE
   SET updated_at = excluded.updated_at, invitees = excluded.invitees, starts_at = excluded.starts_at
"""

_FORGET = "DELETE FROM ingest.events_seen WHERE connection_id = $1 AND starts_at < $2"

_FORGET_DISCONNECTED = """
DELETE FROM ingest.events_seen AS s USING ingest.connections AS c
 WHERE c.id = s.connection_id AND c.state = 'disconnected'
"""


class Seen:
    """Remembers what was compared."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def changed(self, connection_id: UUID, events: Sequence[ScheduledEvent]) -> list[ScheduledEvent]:
        """Return the events that are new or have changed since they were compared."""
        columns = _columns(events)
        facts = (columns["uris"], columns["updated_at"], columns["invitees"])
        unchanged = {row["event_uri"] for row in await self._pool.fetch(_UNCHANGED, connection_id, *facts)}
        return [one for one in events if one.uri not in unchanged]

    async def forget(self, connection_id: UUID, *, before: datetime) -> None:
        """Forget a connection's events that started before a moment."""
        await self._pool.execute(_FORGET, connection_id, before)

    async def forget_disconnected(self) -> None:
        """Forget the events of connections that have ended."""
        await self._pool.execute(_FORGET_DISCONNECTED)


def noted(connection_id: UUID, events: Iterable[ScheduledEvent]) -> Statement:
    """Return the statement that remembers events as compared."""
    return (_NOTE, {"connection_id": connection_id, **_columns(events)})


def _columns(events: Iterable[ScheduledEvent]) -> dict[str, list[object]]:
    # An event that pages repeat is there once: one statement cannot write a row twice.
    once = list({one.uri: one for one in events}.values())
    return {
        "uris": [one.uri for one in once],
        "updated_at": [one.updated_at for one in once],
        "invitees": [one.invitees_counter.total for one in once],
        "starts_at": [one.start_time for one in once],
    }
