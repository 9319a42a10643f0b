"""What a projection is."""

from collections.abc import Sequence
from typing import Protocol

from services.projector.records import Erased, Occurred
from services.runtime.database import Connection


class Projection(Protocol):
    """Builds one read model. Its name is its identity: positions and consumer groups are kept under it."""

    name: str
    topic: str
    null_erases: bool

    async def write(self, connection: Connection, events: Sequence[Occurred | Erased], *, version: int) -> None:
        """Write what events do to the rows of a version, in the caller's transaction. Keys may repeat; order counts."""
        ...


def group_of(name: str, version: int) -> str:
    """Return the consumer group of a projection's version."""
    return f"bookstream-{name}-v{version}"
