"""Which versions of the projections there are."""

from dataclasses import dataclass
from typing import Literal

import asyncpg

State = Literal["building", "live", "retired"]


class NotMigrated(Exception):
    """The tables are not there; the message says what to run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a projection. Readers see the live one; a retired one is still fed, so that one can go back."""

    name: str
    version: int
    state: State
    events_applied: int


async def versions(pool: asyncpg.Pool) -> list[Version]:
    """Return all versions. Raises NotMigrated."""
    try:
        rows = await pool.fetch("SELECT * FROM projector.projections ORDER BY name, version")
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        raise NotMigrated("The projector's tables are not there. Run 'bookstream migrate', then start again.") from None
    return [Version(**row) for row in rows]
