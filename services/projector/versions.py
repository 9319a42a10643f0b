"""Which versions of the projections there are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from services.runtime.database import Connection

State = Literal["building", "live", "retired"]


class NotMigrated(Exception):
    """The tables are not there; the message says what to run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a projection. Readers see the live one; a retired one is still fed, so that one can go back.

    `loaded_at` is None until a rebuild has read the history; `differences` counts the rows in which the version
    differed from the live one at `verified_at`.
    """

    name: str
    version: int
    state: State
    events_applied: int
    loaded_at: datetime | None
    verified_at: datetime | None
    differences: int | None
    retired_at: datetime | None

    @property
    def is_fed(self) -> bool:
        """Tell whether the projector applies new events to it."""
        return self.loaded_at is not None

    @property
    def label(self) -> str:
        """The version's name for people, such as `appointments v2`."""
        return f"{self.name} v{self.version}"


async def versions(source: asyncpg.Pool | Connection) -> list[Version]:
    """Return all versions. Raises NotMigrated."""
    try:
        rows = await source.fetch("SELECT * FROM projector.projections ORDER BY name, version")
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        raise NotMigrated("The projector's tables are not there. Run 'bookstream migrate', then start again.") from None
    return [Version(**row) for row in rows]
