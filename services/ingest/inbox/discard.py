"""Discard parked deliveries: their bodies go, that they came and were discarded stays known."""

from collections.abc import Sequence
from uuid import UUID

from services.ingest.inbox.parked import lock_parked
from services.runtime.database import Connection

_DISCARD = """
UPDATE ingest.inbox SET state = 'done', outcome = 'ignored', reason = 'discarded', body = NULL, processed_at = now()
 WHERE id = ANY($1)
"""


async def discard(connection: Connection, delivery_ids: Sequence[UUID]) -> None:
    """Discard parked deliveries for good; nothing changes where one is not parked. Raises NotParked."""
    async with connection.transaction():
        await lock_parked(connection, delivery_ids)
        await connection.execute(_DISCARD, list(delivery_ids))
