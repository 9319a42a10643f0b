"""What stored events and aggregates have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from eventsourcing.domain import DomainEvent

CauseKind = Literal["delivery", "reconciliation", "reconnect", "command"]


@dataclass(frozen=True, kw_only=True)
class Context:
    """What surrounds a decision: the moment it is made (UTC) and what caused it."""

    at: datetime
    cause: CauseKind
    cause_id: UUID
    trace: str | None = None
    """The cause's W3C traceparent, where it had one."""


@dataclass(frozen=True, kw_only=True)
class Recorded(DomainEvent):
    """A stored event: its place in an aggregate, when it was recorded (UTC), and why.

    `TOPIC` is the name it is stored under, declared and never derived from a class path. A later shape raises
    `class_version` and brings a static method `upcast_v1_v2(state)` that mends an older state in place.
    """

    TOPIC: ClassVar[str]
    class_version: ClassVar[int] = 1

    cause: CauseKind
    cause_id: UUID
    trace: str | None


class Aggregate(ABC):
    """State that is only changed by its own events; `version` counts them, 0 is an aggregate that has none."""

    def __init__(self, aggregate_id: UUID) -> None:
        self.id = aggregate_id
        self.version = 0
        self._pending: list[Recorded] = []

    @classmethod
    def replayed(cls, aggregate_id: UUID, events: Iterable[Recorded]) -> Self:
        """Return the aggregate as its events left it."""
        aggregate = cls(aggregate_id)
        for event in events:
            aggregate._take(event)
        return aggregate

    @property
    def exists(self) -> bool:
        """Tell whether anything was ever recorded here."""
        return self.version > 0

    @property
    def changed(self) -> bool:
        """Tell whether anything was recorded that was not collected yet."""
        return bool(self._pending)

    def collect_events(self) -> list[Recorded]:
        """Hand over the events recorded since the last call, oldest first."""
        collected, self._pending = self._pending, []
        return collected

    def record(self, event: type[Recorded], context: Context, **facts: Any) -> None:
        """Record the next event and change the state by it."""
        recorded = event(
            originator_id=self.id,
            originator_version=self.version + 1,
            timestamp=context.at,
            cause=context.cause,
            cause_id=context.cause_id,
            trace=context.trace,
            **facts,
        )
        self._take(recorded)
        self._pending.append(recorded)

    @abstractmethod
    def apply(self, event: Recorded) -> None:
        """Change the state by one event; an event that this version does not know changes nothing."""

    def _take(self, event: Recorded) -> None:
        self.apply(event)
        self.version = event.originator_version
