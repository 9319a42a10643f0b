"""The two places that hold one Calendly account at a time: the account's own (R21) and the user's slot (R20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.recorded import Aggregate, Context, Recorded


@dataclass(frozen=True, kw_only=True)
class AccountLinked(Recorded):
    """The place is held by a connection."""

    TOPIC: ClassVar[str] = "bookstream.AccountLinked.v1"

    connection_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountUnlinked(Recorded):
    """The place is free again."""

    TOPIC: ClassVar[str] = "bookstream.AccountUnlinked.v1"

    connection_id: UUID


class AccountLink(Aggregate):
    """A place that one connection can hold. Two that race for it meet in its version, and one of them loses."""

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.held_by: UUID | None = None

    def link(self, context: Context, *, connection_id: UUID) -> None:
        """Hold the place for a connection; the caller has seen that it is free."""
        self.record(AccountLinked, context, connection_id=connection_id)

    def unlink(self, context: Context, *, connection_id: UUID) -> None:
        """Free the place, if this connection holds it (DESIGN 2: disconnecting frees the user and the account)."""
        if self.held_by == connection_id:
            self.record(AccountUnlinked, context, connection_id=connection_id)

    def apply(self, event: Recorded) -> None:
        """Change the state by one event."""
        match event:
            case AccountLinked():
                self.held_by = event.connection_id
            case AccountUnlinked():
                self.held_by = None
            case _:
                pass
