"""Deliveries as people see them: what became of each and why, without personal data."""

from collections.abc import Collection, Mapping
from typing import Any, Literal
from uuid import UUID

import asyncpg

from services.runtime.database import Connection

State = Literal["waiting", "parked", "done"]

_LIST = """
SELECT id, received_at, state, outcome, reason, connection_id, event, invitee_uri, attempts
  FROM ingest.inbox WHERE state = $1 ORDER BY seq LIMIT $2
"""

_ONE = """
SELECT id, received_at, state, outcome, rule, reason, connection_id, event, invitee_uri, appointment_id, attempts,
       processed_at
  FROM ingest.inbox WHERE id = $1
"""

_BECAME = """
SELECT i.id, i.received_at, i.connection_id, i.event, i.invitee_uri, i.outcome, i.rule, i.appointment_id
  FROM ingest.inbox AS i JOIN ingest.connections AS c ON c.id = i.connection_id
 WHERE c.subaccount_id = $1 AND i.invitee_uri = $2 AND i.outcome IS NOT NULL
 ORDER BY i.seq
"""

_BECAME_ANYWHERE = """
SELECT id, received_at, connection_id, event, outcome, rule, reason, appointment_id
  FROM ingest.inbox WHERE invitee_uri = $1 AND outcome IS NOT NULL ORDER BY seq
"""


_ARRIVED = "SELECT id, received_at, connection_id FROM ingest.inbox WHERE id = ANY($1::uuid[])"


class NoSuchDelivery(Exception):
    """The inbox has no delivery with this id; the message says where ids are listed."""

    def __init__(self, delivery_id: UUID) -> None:
        super().__init__(f"There is no delivery {delivery_id}. List those that are parked: bookstream inbox list")


async def list_deliveries(connection: Connection, *, state: State, limit: int) -> list[Mapping[str, Any]]:
    """Return deliveries in a state, the oldest first, at most `limit`."""
    return [dict(row) for row in await connection.fetch(_LIST, state, limit)]


async def one_delivery(connection: Connection, delivery_id: UUID) -> dict[str, Any]:
    """Return one delivery without its body. Raises NoSuchDelivery."""
    row = await connection.fetchrow(_ONE, delivery_id)
    if row is None:
        raise NoSuchDelivery(delivery_id)
    return dict(row)


async def body_of(connection: Connection, delivery_id: UUID) -> str | None:
    """Return a delivery's body, which may hold personal data; None once it was processed."""
    body: bytes | None = await connection.fetchval("SELECT body FROM ingest.inbox WHERE id = $1", delivery_id)
    return None if body is None else body.decode("utf-8", "replace")


async def arrived(pool: asyncpg.Pool, delivery_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return when each of the deliveries came, and by which connection; what is no delivery's id is left out."""
    rows = await pool.fetch(_ARRIVED, list(delivery_ids))
    return {row["id"]: {"received_at": row["received_at"], "connection_id": row["connection_id"]} for row in rows}


async def became(pool: asyncpg.Pool, *, subaccount_id: UUID, invitee_uri: str) -> list[Mapping[str, Any]]:
    """Return what became of the deliveries of one invitee to a subaccount's connections, in the order of arrival.

    Those that still wait have no outcome and are left out.
    """
    return [dict(row) for row in await pool.fetch(_BECAME, subaccount_id, invitee_uri)]


async def became_anywhere(pool: asyncpg.Pool, *, invitee_uri: str) -> list[dict[str, Any]]:
    """Return what became of the deliveries of one invitee, whoever they came for, in the order of arrival."""
    return [dict(row) for row in await pool.fetch(_BECAME_ANYWHERE, invitee_uri)]
