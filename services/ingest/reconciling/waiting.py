"""Which bookings a delivery tells of that waits to be imported: they are not missed."""

from collections.abc import Iterable
from uuid import UUID

import asyncpg

_WAITING = """
SELECT i.invitee_uri
  FROM ingest.inbox AS i JOIN ingest.connections AS c ON c.id = i.connection_id
 WHERE i.state = 'waiting' AND i.event = 'invitee.created'
   AND c.subaccount_id = $1 AND i.invitee_uri = ANY($2::text[])
"""


async def waiting(pool: asyncpg.Pool, subaccount_id: UUID, invitee_uris: Iterable[str]) -> set[str]:
    """Return those of the invitees whose delivery to the subaccount waits."""
    return {row["invitee_uri"] for row in await pool.fetch(_WAITING, subaccount_id, list(invitee_uris))}
