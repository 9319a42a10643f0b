"""Events of an appointment that came from Calendly. Key and subject: `appointment_id`. No personal data."""

from typing import Literal
from uuid import UUID

from bookstream_contracts.calendar import Calendar
from bookstream_contracts.event import Event, UtcTime


class BookingImportedV1(Event):
    """A booking became an appointment (R4, R5). `via` is `reconnect` when it was restored under R15."""

    appointment_id: UUID
    subaccount_id: UUID
    calendar: Calendar
    title: str
    starts_at: UtcTime
    ends_at: UtcTime
    source: Literal["Calendly"] = "Calendly"
    status: Literal["confirmed"] = "confirmed"
    contact_id: UUID | None
    calendly_event_uri: str
    calendly_invitee_uri: str
    booked_at: UtcTime
    via: Literal["webhook", "reconciliation", "reconnect"]


class OwnerAssignedV1(Event):
    """The appointment has its owner (R11, R12); `candidates` are the users the draw was made among."""

    appointment_id: UUID
    subaccount_id: UUID
    contact_id: UUID | None
    owner_user_id: UUID
    rule: Literal["connecting_user", "random_connected_user"]
    candidates: tuple[UUID, ...]


class BookingDeletedV1(Event):
    """The appointment is gone for good (R17, R18, R19)."""

    appointment_id: UUID
    subaccount_id: UUID
    calendar_uri: str
    contact_id: UUID | None
    reason: Literal["calendar_deselected", "account_disconnected"]
