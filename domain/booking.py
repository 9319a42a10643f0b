"""A booking: one invitee of one Calendly event, and the appointment that it became (R4 to R7, R11, R12, R19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from domain.recorded import Aggregate, Context, Recorded

CalendarKind = Literal["personal", "shared"]
Via = Literal["webhook", "reconciliation", "reconnect"]
OwnerRule = Literal["connecting_user", "random_connected_user"]
DeletionReason = Literal["calendar_deselected", "account_disconnected"]


@dataclass(frozen=True, kw_only=True)
class BookingImported(Recorded):
    """A booking became an appointment (R4); it carries what R5 lists and nothing of what R6 forbids."""

    TOPIC: ClassVar[str] = "bookstream.BookingImported.v1"

    subaccount_id: UUID
    calendar_uri: str
    calendar_name: str
    calendar_kind: CalendarKind
    title: str
    starts_at: datetime
    ends_at: datetime
    contact_id: UUID | None
    calendly_event_uri: str
    calendly_invitee_uri: str
    booked_at: datetime
    via: Via


@dataclass(frozen=True, kw_only=True)
class OwnerAssigned(Recorded):
    """The appointment got its owner (R11, R12); a draw is recorded with those it was made among."""

    TOPIC: ClassVar[str] = "bookstream.OwnerAssigned.v1"

    subaccount_id: UUID
    contact_id: UUID | None
    owner_user_id: UUID
    rule: OwnerRule
    candidates: list[UUID]


@dataclass(frozen=True, kw_only=True)
class BookingDeleted(Recorded):
    """The appointment is gone for good (R19)."""

    TOPIC: ClassVar[str] = "bookstream.BookingDeleted.v1"

    subaccount_id: UUID
    calendar_uri: str
    contact_id: UUID | None
    reason: DeletionReason


class Booking(Aggregate):
    """An appointment that came from Calendly. Cancelling or rescheduling does not change it (R7)."""

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.deleted = False
        self.imported: BookingImported | None = None
        self.owner_user_id: UUID | None = None

    def import_(self, context: Context, *, owner: Owner, **facts: Any) -> None:
        """Record the appointment and its owner, in this order (R4, R5, R11, R12)."""
        self.record(BookingImported, context, **facts)
        self.record(
            OwnerAssigned,
            context,
            subaccount_id=facts["subaccount_id"],
            contact_id=facts["contact_id"],
            owner_user_id=owner.user_id,
            rule=owner.rule,
            candidates=list(owner.candidates),
        )

    def delete(self, context: Context, *, reason: DeletionReason) -> None:
        """Delete the appointment for good (R17, R19); a second time changes nothing."""
        if self.imported is None or self.deleted:
            return
        self.record(
            BookingDeleted,
            context,
            subaccount_id=self.imported.subaccount_id,
            calendar_uri=self.imported.calendar_uri,
            contact_id=self.imported.contact_id,
            reason=reason,
        )

    def apply(self, event: Recorded) -> None:
        """Change the state by one event."""
        match event:
            case BookingImported():
                self.imported = event
            case OwnerAssigned():
                self.owner_user_id = event.owner_user_id
            case BookingDeleted():
                self.deleted = True
            case _:
                pass


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who owns an appointment, by which rule, and among whom it was decided."""

    user_id: UUID
    rule: OwnerRule
    candidates: tuple[UUID, ...]
