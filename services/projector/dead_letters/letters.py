"""Dead letters as they are stored: which record of which topic, and why it was set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.runtime.database import Connection

Origin = tuple[str, int, int]
"""Topic, partition and offset of a record."""

COLUMNS = "id, name, version, topic, partition, position, key, reason, error, behind, attempts, first_failed_at"

_OF_KEY = f"""
SELECT {COLUMNS} FROM projector.dead_letters WHERE name = $1 AND version = $2 AND key = $3 ORDER BY id
"""  # noqa: S608, the columns are the constant above


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A record that was set aside. One that is `behind` is sound as far as is known, and waits for its turn."""

    id: int
    name: str
    version: int
    topic: str
    partition: int
    position: int
    key: str
    reason: str
    error: str | None
    behind: bool
    attempts: int
    first_failed_at: datetime

    @property
    def origin(self) -> Origin:
        """Where the record stands."""
        return self.topic, self.partition, self.position


async def letters_of_key(connection: Connection, one: Letter) -> Sequence[Letter]:
    """Return the dead letters of one's key in the order of the records: the first one, and those behind it."""
    return [Letter(**row) for row in await connection.fetch(_OF_KEY, one.name, one.version, one.key)]
