"""A connection: one user's connected Calendly account, and the calendars it has selected (R3, R13, R14, R20 to R22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from domain.booking import CalendarKind
from domain.recorded import Aggregate, Context, Recorded

SyncedEvents = Literal["keep", "delete"]


@dataclass(frozen=True, kw_only=True)
class CalendarLabel:
    """A calendar as Calendly describes it: the URI is its identity, the name a label."""

    uri: str
    name: str
    kind: CalendarKind


@dataclass(frozen=True, kw_only=True)
class CalendlyConnected(Recorded):
    """A user connected a Calendly account."""

    TOPIC: ClassVar[str] = "bookstream.CalendlyConnected.v1"

    subaccount_id: UUID
    user_id: UUID
    calendly_user_uri: str
    plan: str


@dataclass(frozen=True, kw_only=True)
class CalendarSelected(Recorded):
    """The connection selected a calendar; `again` when the subaccount had selected it before (DESIGN 2)."""

    TOPIC: ClassVar[str] = "bookstream.CalendarSelected.v1"

    subaccount_id: UUID
    user_id: UUID
    calendar_uri: str
    calendar_name: str
    calendar_kind: CalendarKind
    again: bool


@dataclass(frozen=True, kw_only=True)
class CalendarDeselected(Recorded):
    """The connection deselected a calendar and chose what becomes of its appointments (R16)."""

    TOPIC: ClassVar[str] = "bookstream.CalendarDeselected.v1"

    subaccount_id: UUID
    user_id: UUID
    calendar_uri: str
    synced_events: SyncedEvents
    reason: Literal["deselected", "disconnected"]


@dataclass(frozen=True, kw_only=True)
class CalendlyDisconnected(Recorded):
    """The user disconnected the account."""

    TOPIC: ClassVar[str] = "bookstream.CalendlyDisconnected.v1"

    subaccount_id: UUID
    user_id: UUID
    calendly_user_uri: str


class Connection(Aggregate):
    """One user's connected account. It ends when it is disconnected; connecting again makes a new one."""

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.connected: CalendlyConnected | None = None
        self.ended = False
        self.selected: dict[str, datetime] = {}
        self.ever_selected: set[str] = set()

    @property
    def active(self) -> bool:
        """Tell whether the account is connected now."""
        return self.connected is not None and not self.ended

    @property
    def facts(self) -> CalendlyConnected:
        """Return who connected what. Raises LookupError where nothing was ever connected."""
        if self.connected is None:
            raise LookupError(f"connection {self.id} has no events")
        return self.connected

    def connect(
        self, context: Context, *, subaccount_id: UUID, user_id: UUID, calendly_user_uri: str, plan: str
    ) -> None:
        """Begin the connection (R3: from here on bookings of selected calendars are synced)."""
        self.record(
            CalendlyConnected,
            context,
            subaccount_id=subaccount_id,
            user_id=user_id,
            calendly_user_uri=calendly_user_uri,
            plan=plan,
        )

    def select(self, context: Context, *, calendar: CalendarLabel, again: bool) -> None:
        """Select a calendar; one that is selected already changes nothing (R13)."""
        if calendar.uri in self.selected:
            return
        self.record(
            CalendarSelected,
            context,
            subaccount_id=self.facts.subaccount_id,
            user_id=self.facts.user_id,
            calendar_uri=calendar.uri,
            calendar_name=calendar.name,
            calendar_kind=calendar.kind,
            again=again,
        )

    def deselect(
        self,
        context: Context,
        *,
        calendar_uri: str,
        synced_events: SyncedEvents,
        reason: Literal["deselected", "disconnected"],
    ) -> None:
        """Deselect a calendar with the choice that R16 asks for."""
        self.record(
            CalendarDeselected,
            context,
            subaccount_id=self.facts.subaccount_id,
            user_id=self.facts.user_id,
            calendar_uri=calendar_uri,
            synced_events=synced_events,
            reason=reason,
        )

    def disconnect(self, context: Context) -> None:
        """End the connection."""
        self.record(
            CalendlyDisconnected,
            context,
            subaccount_id=self.facts.subaccount_id,
            user_id=self.facts.user_id,
            calendly_user_uri=self.facts.calendly_user_uri,
        )

    def apply(self, event: Recorded) -> None:
        """Change the state by one event."""
        match event:
            case CalendlyConnected():
                self.connected = event
            case CalendarSelected():
                self.selected[event.calendar_uri] = event.timestamp
                self.ever_selected.add(event.calendar_uri)
            case CalendarDeselected():
                self.selected.pop(event.calendar_uri, None)
            case CalendlyDisconnected():
                self.ended = True
            case _:
                pass
