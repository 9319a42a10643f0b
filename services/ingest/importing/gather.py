"""What a batch of bookings concerns, read in one read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from domain import ids
from domain.booked import BookedInvitee
from domain.booking import Booking
from domain.calendar import Calendar
from domain.contact import Contact
from domain.import_booking import Concerned
from services.ingest.erasing.successors import current_contacts
from services.ingest.event_store import EventStore


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A booking that Calendly told of, and the subaccount that it belongs to."""

    subaccount_id: UUID
    booked: BookedInvitee

    @cached_property
    def booking_id(self) -> UUID:
        """The appointment that this invitee has or would have."""
        return ids.booking_id(subaccount_id=self.subaccount_id, invitee_uri=self.booked.invitee_uri)

    @cached_property
    def calendar_id(self) -> UUID:
        """The calendar, as the subaccount sees it."""
        return ids.calendar_id(subaccount_id=self.subaccount_id, calendar_uri=self.booked.calendar_uri)

    @cached_property
    def contact_id(self) -> UUID | None:
        """The contact of the guest (R9); None without a guest."""
        guest = self.booked.guest
        return ids.contact_id(subaccount_id=self.subaccount_id, address=guest.address) if guest else None


@dataclass(frozen=True, kw_only=True)
class Told(Heard):
    """A booking that a delivery told of, to the account of `user_id`, whose plan is accepted or not (R22)."""

    user_id: UUID
    delivery_id: UUID
    trace: str | None
    plan_accepted: bool


@dataclass(kw_only=True)
class Gathered:
    """The aggregates that a batch concerns. Decisions of one batch share them and build upon one another.

    Contacts stand under the id that their address has at first; one that was erased is followed by another.
    """

    calendars: dict[UUID, Calendar] = field(default_factory=dict[UUID, Calendar])
    bookings: dict[UUID, Booking] = field(default_factory=dict[UUID, Booking])
    contacts: dict[UUID, Contact] = field(default_factory=dict[UUID, Contact])

    def concerned(self, heard: Heard) -> Concerned:
        """Return what one booking concerns."""
        contact_id = heard.contact_id
        return Concerned(
            calendar=self.calendars[heard.calendar_id],
            booking=self.bookings[heard.booking_id],
            contact=self.contacts[contact_id] if contact_id else None,
        )

    def versions_read(self) -> dict[UUID, int]:
        """Return the calendars' versions: a selection that is edited meanwhile must be seen, not raced."""
        return {one: calendar.version for one, calendar in self.calendars.items()}


def concerned_by(heard: Iterable[Heard]) -> set[UUID]:
    """Return the ids of what bookings may change; a calendar they only read."""
    return {one for each in heard for one in (each.booking_id, each.contact_id) if one is not None}


async def gather(store: EventStore, heard: Sequence[Heard]) -> Gathered:
    """Read all aggregates that the bookings concern, in one read."""
    calendars = _distinct(one.calendar_id for one in heard)
    bookings = _distinct(one.booking_id for one in heard)
    contacts = _distinct(one.contact_id for one in heard)
    events = await store.events_of([*calendars, *bookings, *contacts])
    return Gathered(
        calendars={one: Calendar.replayed(one, events.get(one, ())) for one in calendars},
        bookings={one: Booking.replayed(one, events.get(one, ())) for one in bookings},
        contacts=await current_contacts(store, {one: Contact.replayed(one, events.get(one, ())) for one in contacts}),
    )


def _distinct(found: Iterable[UUID | None]) -> list[UUID]:
    return [one for one in dict.fromkeys(found) if one is not None]
