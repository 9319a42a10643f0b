"""Parked deliveries, locked for a decision of a person, so that two such decisions do not cross."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.runtime.database import Connection

_LOCK = """
SELECT id, event, invitee_uri, CASE WHEN event = 'unknown' THEN body END AS body
  FROM ingest.inbox WHERE state = 'parked' {} ORDER BY seq FOR UPDATE
"""


class NotParked(Exception):
    """Deliveries that were named are not parked; the message names them and says what to do."""

    def __init__(self, delivery_ids: Sequence[UUID]) -> None:
        self.delivery_ids = tuple(delivery_ids)
        named = ", ".join(str(one) for one in delivery_ids)
        super().__init__(f"Not parked, so nothing was changed: {named}. List what is parked: bookstream inbox list")


async def lock_parked(connection: Connection, delivery_ids: Sequence[UUID] | None) -> Sequence[Any]:
    """Return the parked deliveries named, or all of them (None), oldest first. Raises NotParked.

    The body comes only with those that intake could not read; their event is `unknown`.
    """
    if delivery_ids is None:
        return await connection.fetch(_LOCK.format(""))
    rows = await connection.fetch(_LOCK.format("AND id = ANY($1)"), list(delivery_ids))
    missing = sorted(set(delivery_ids) - {row["id"] for row in rows})
    if missing:
        raise NotParked(missing)
    return rows
