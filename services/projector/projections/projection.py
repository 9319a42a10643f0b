"""What a projection is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from services.projector.records import Erased, Occurred
from services.runtime.database import Connection


class Projection(Protocol):
    """Builds one read model. Its name is its identity: positions and consumer groups are kept under it.

    Live events are folded and written into tables with indexes. A rebuild folds the same way, copies into tables
    without any, and settles what it copied: `aside` and `aside_columns` are the second table that it needs for this,
    `settle` the statements. `compared` is the text by which a row `t` is compared with that of another version.
    """

    name: str
    topic: str
    null_erases: bool
    compared: str
    aside: str
    aside_columns: str
    settle: tuple[str, ...]

    def fold(self, events: Iterable[Occurred | Erased], into: dict[UUID, Any]) -> None:
        """Fold events into changes by key. Pure; order counts, and what was seen already changes nothing."""
        ...

    async def write(self, connection: Connection, events: Sequence[Occurred | Erased], *, version: int) -> None:
        """Write what events do to the rows of a version, in the caller's transaction. Keys may repeat; order counts."""
        ...

    async def copy(self, connection: Connection, changes: Mapping[UUID, Any], *, version: int) -> None:
        """Copy what was folded into the tables of a version that is being rebuilt, in the caller's transaction."""
        ...


def group_of(name: str, version: int) -> str:
    """Return the consumer group of a projection's version."""
    return f"bookstream-{name}-v{version}"
