"""Events of a connected Calendly account and its selected calendars. Key and subject: `connection_id`."""

from typing import Literal
from uuid import UUID

from bookstream_contracts.calendar import Calendar
from bookstream_contracts.event import Event


class CalendlyConnectedV1(Event):
    """A user connected a Calendly account (R3, R20, R21, R22)."""

    connection_id: UUID
    subaccount_id: UUID
    user_id: UUID
    calendly_user_uri: str
    plan: str


class CalendarSelectedV1(Event):
    """A user selected a calendar (R13, R15); `again` when it had been selected in this subaccount before."""

    connection_id: UUID
    subaccount_id: UUID
    user_id: UUID
    calendar: Calendar
    again: bool


class CalendarDeselectedV1(Event):
    """A user deselected a calendar and chose what becomes of its appointments (R14, R16)."""

    connection_id: UUID
    subaccount_id: UUID
    user_id: UUID
    calendar_uri: str
    synced_events: Literal["keep", "delete"]
    reason: Literal["deselected", "disconnected"]


class CalendlyDisconnectedV1(Event):
    """A user disconnected the account; its calendars were deselected just before."""

    connection_id: UUID
    subaccount_id: UUID
    user_id: UUID
    calendly_user_uri: str
