"""How far the work on a subaccount's calendars is: appointments that are being deleted (R17), or brought back (R15)."""

from typing import Literal
from uuid import UUID

import asyncpg
from pydantic import BaseModel

_UNDER_WAY = """
SELECT calendar_uri, 'deleting' AS kind, done, total AS of FROM ingest.removals
 WHERE subaccount_id = $1 AND outcome IS NULL
UNION ALL
SELECT calendar_uri, 'restoring', imported, found FROM ingest.restores WHERE subaccount_id = $1 AND outcome IS NULL
"""


class Progress(BaseModel):
    """Appointments done, of how many; for a restoration `of` counts those found so far."""

    kind: Literal["deleting", "restoring"]
    done: int
    of: int


async def under_way(pool: asyncpg.Pool, subaccount_id: UUID) -> dict[str, Progress]:
    """Return what is under way, by the calendar's URI."""
    rows = await pool.fetch(_UNDER_WAY, subaccount_id)
    return {row["calendar_uri"]: Progress(kind=row["kind"], done=row["done"], of=row["of"]) for row in rows}
