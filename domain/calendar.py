"""A calendar as one subaccount sees it: who selects it, since when, its gaps, what leavers chose (R13 to R18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.booking import CalendarKind
from domain.connection import CalendarLabel, SyncedEvents
from domain.recorded import Aggregate, Context, Recorded


@dataclass(frozen=True, kw_only=True)
class SelectionAdded(Recorded):
    """A user of the subaccount has the calendar selected from now on."""

    TOPIC: ClassVar[str] = "bookstream.SelectionAdded.v1"

    subaccount_id: UUID
    user_id: UUID
    connection_id: UUID
    calendar_uri: str
    calendar_name: str
    calendar_kind: CalendarKind


@dataclass(frozen=True, kw_only=True)
class SelectionRemoved(Recorded):
    """A user no longer has it selected, and chose to keep or delete its appointments (R16, R18)."""

    TOPIC: ClassVar[str] = "bookstream.SelectionRemoved.v1"

    user_id: UUID
    synced_events: SyncedEvents


@dataclass(kw_only=True)
class Span:
    """A time in which at least one user had the calendar selected: half-open, `until` None while it lasts."""

    since: datetime
    until: datetime | None = None

    def covers(self, moment: datetime) -> bool:
        """Tell whether a moment lies in the span."""
        return self.since <= moment and (self.until is None or moment < self.until)


class Calendar(Aggregate):
    """A Calendly event type within a subaccount."""

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.label: CalendarLabel | None = None
        self.selected_by: dict[UUID, UUID] = {}
        self.spans: list[Span] = []
        self.choices: dict[UUID, SyncedEvents] = {}

    @property
    def selected(self) -> bool:
        """Tell whether any user has the calendar selected now."""
        return bool(self.selected_by)

    def was_selected_at(self, moment: datetime) -> bool:
        """Tell whether any user had it selected at a moment (R14: what lies outside was booked in a gap)."""
        return any(span.covers(moment) for span in self.spans)

    def add_selection(
        self, context: Context, *, subaccount_id: UUID, user_id: UUID, connection_id: UUID, label: CalendarLabel
    ) -> None:
        """Note that a user selects the calendar; it voids that user's earlier choice (R18)."""
        self.record(
            SelectionAdded,
            context,
            subaccount_id=subaccount_id,
            user_id=user_id,
            connection_id=connection_id,
            calendar_uri=label.uri,
            calendar_name=label.name,
            calendar_kind=label.kind,
        )

    def remove_selection(self, context: Context, *, user_id: UUID, synced_events: SyncedEvents) -> None:
        """Note that a user leaves the calendar, or changes the choice made on leaving (R16, R17)."""
        self.record(SelectionRemoved, context, user_id=user_id, synced_events=synced_events)

    def apply(self, event: Recorded) -> None:
        """Change the state by one event."""
        match event:
            case SelectionAdded():
                self._added(event)
            case SelectionRemoved():
                self._removed(event)
            case _:
                pass

    def _added(self, event: SelectionAdded) -> None:
        self.label = CalendarLabel(uri=event.calendar_uri, name=event.calendar_name, kind=event.calendar_kind)
        if not self.selected_by:
            self.spans.append(Span(since=event.timestamp))
        self.selected_by[event.user_id] = event.connection_id
        self.choices.pop(event.user_id, None)

    def _removed(self, event: SelectionRemoved) -> None:
        was_selected = bool(self.selected_by)
        self.selected_by.pop(event.user_id, None)
        if was_selected and not self.selected_by:
            self.spans[-1].until = event.timestamp
        self.choices[event.user_id] = event.synced_events
