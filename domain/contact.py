"""A contact: one person of a subaccount, known by e-mail address (R9, R10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain import ids
from domain.recorded import Aggregate, Context, Recorded


@dataclass(frozen=True, kw_only=True)
class ContactUpserted(Recorded):
    """A contact's whole state after a change; `changed` names the fields that this event changed.

    `latest_booked_at` orders bookings for R10 and is not published.
    """

    TOPIC: ClassVar[str] = "bookstream.ContactUpserted.v1"

    subaccount_id: UUID
    email: str
    name: str
    assigned_user_id: UUID
    latest_appointment_id: UUID
    latest_booked_at: datetime
    first_seen_at: datetime
    changed: list[str]


@dataclass(frozen=True, kw_only=True)
class ContactErased(Recorded):
    """Nothing is kept of the person any more. It is published as a null value under the contact's id."""

    TOPIC: ClassVar[str] = "bookstream.ContactErased.v1"

    subaccount_id: UUID


@dataclass(frozen=True, kw_only=True)
class Guest:
    """The person who booked: the e-mail address as written, trimmed, and the name."""

    email: str
    name: str

    @property
    def address(self) -> str:
        """The address that contacts are compared by (R9): trimmed and case-folded, nothing else stripped."""
        return self.email.strip().casefold()


class Contact(Aggregate):
    """A person of one subaccount."""

    def __init__(self, aggregate_id: UUID) -> None:
        super().__init__(aggregate_id)
        self.state: ContactUpserted | None = None
        self.erased = False

    def add_booking(
        self,
        context: Context,
        *,
        subaccount_id: UUID,
        guest: Guest,
        appointment_id: UUID,
        booked_at: datetime,
        owner_user_id: UUID,
    ) -> None:
        """Create the contact by its first booking, or add one more (R9).

        The assigned user and latest appointment follow the highest `booked_at` ever seen, whatever order the
        bookings arrive in (R10). Of one booking the appointment that R15 made in place of a deleted one is the later;
        two bookings of the same moment are ordered by appointment id. The name is kept.
        """
        known = self.state
        if known and not _is_later(known, booked_at, appointment_id):
            return
        self.record(
            ContactUpserted,
            context,
            subaccount_id=subaccount_id,
            email=known.email if known else guest.email.strip(),
            name=known.name if known else guest.name,
            assigned_user_id=owner_user_id,
            latest_appointment_id=appointment_id,
            latest_booked_at=booked_at,
            first_seen_at=known.first_seen_at if known else context.at,
            changed=_changed(known, owner_user_id),
        )

    def erase(self, context: Context) -> None:
        """Forget the person (DESIGN 2). A contact that has nobody to forget stays as it is."""
        if self.state is not None:
            self.record(ContactErased, context, subaccount_id=self.state.subaccount_id)

    def apply(self, event: Recorded) -> None:
        """Change the state by one event."""
        if isinstance(event, ContactUpserted):
            self.state = event
        elif isinstance(event, ContactErased):
            self.state, self.erased = None, True


def _is_later(known: ContactUpserted, booked_at: datetime, appointment_id: UUID) -> bool:
    if booked_at != known.latest_booked_at:
        return booked_at > known.latest_booked_at
    takes_its_place = appointment_id == ids.next_booking_id(known.latest_appointment_id)
    return takes_its_place or appointment_id > known.latest_appointment_id


def _changed(known: ContactUpserted | None, owner_user_id: UUID) -> list[str]:
    if known is None:
        return ["email", "name", "assigned_user_id", "latest_appointment_id", "first_seen_at"]
    if known.assigned_user_id == owner_user_id:
        return ["latest_appointment_id"]
    return ["assigned_user_id", "latest_appointment_id"]
