"""Retry parked deliveries: they wait again, and the importer is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.ingest.inbox.parked import lock_parked
from services.ingest.intake.reading import Read, read
from services.runtime.database import Connection

_WAIT = """
UPDATE ingest.inbox AS i
   SET state = 'waiting', outcome = NULL, reason = NULL, processed_at = NULL, event = s.event,
       invitee_uri = s.invitee_uri
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS s (id, event, invitee_uri)
 WHERE i.id = s.id
"""

_STILL = """
UPDATE ingest.inbox AS i SET reason = s.reason, attempts = i.attempts + 1
  FROM unnest($1::uuid[], $2::text[]) AS s (id, reason) WHERE i.id = s.id
"""


@dataclass(frozen=True, kw_only=True)
class Retried:
    """Deliveries that wait again, and those that still cannot be read, with the reason."""

    waiting: list[UUID]
    still_parked: dict[UUID, str]


async def retry(connection: Connection, delivery_ids: Sequence[UUID] | None) -> Retried:
    """Let parked deliveries wait again, those named or all (None); nothing changes where one is not parked.

    What intake could not read is read anew, by today's code. Raises NotParked.
    """
    async with connection.transaction():
        rows = await lock_parked(connection, delivery_ids)
        told = {row["id"]: _read(row) for row in rows}
        ready = {one: found for one, found in told.items() if found.fault is None}
        faults = {one: found.fault for one, found in told.items() if found.fault is not None}
        columns = [one.event for one in ready.values()], [one.invitee_uri for one in ready.values()]
        await connection.execute(_WAIT, list(ready), *columns)
        await connection.execute(_STILL, list(faults), list(faults.values()))
        await connection.execute("SELECT pg_notify('inbox', '')")
    return Retried(waiting=list(ready), still_parked=faults)


def _read(row: Mapping[str, Any]) -> Read:
    if row["event"] != "unknown":
        return Read(event=row["event"], invitee_uri=row["invitee_uri"])
    return read(row["body"])
