"""The domain driven as the services drive it: read from events, decide, save; one subaccount, two calendars."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from domain import ids
from domain.account_link import AccountLink
from domain.booked import BookedInvitee
from domain.booking import Booking
from domain.calendar import Calendar
from domain.connecting import Places, connect_account, disconnect_account
from domain.connection import CalendarLabel, Connection, SyncedEvents
from domain.contact import Contact, Guest
from domain.import_booking import Concerned, Outcome, import_booking
from domain.ownership import Draw
from domain.reconcile import Finder, reconcile_booking
from domain.recorded import Aggregate, Context, Recorded
from domain.removal import delete_is_agreed
from domain.restore import Reselection, restore_booking, selected_again
from domain.selecting import edit_selection
from tests.support.rules_model import Made

API = "https://api.calendly.com"
INTRO, DEMO = f"{API}/event_types/INTRO", f"{API}/event_types/DEMO"
LABELS = {
    INTRO: CalendarLabel(uri=INTRO, name="Intro call", kind="personal"),
    DEMO: CalendarLabel(uri=DEMO, name="Product demo", kind="shared"),
}
CALENDARS = {"ahlen": (INTRO, DEMO), "berg": (DEMO,)}
"""What each Calendly account can select."""
USERS = {name: UUID(int=number) for number, name in enumerate(("ingrid", "tomas", "wera"), start=1)}
SUBACCOUNT, CAUSE = UUID(int=100), UUID(int=101)
ADDRESSES = {
    "ada": ("ada@guest.example", " Ada@Guest.EXAMPLE"),
    "strauss": ("strauß@guest.example", "STRAUSS@guest.example "),
    "ada+x": ("ada+x@guest.example",),
}
"""One person each, and ways to write the address (R9)."""

AnAggregate = TypeVar("AnAggregate", bound=Aggregate)


@dataclass
class World:
    """The event store and every id in it."""

    events: dict[UUID, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    connections: dict[str, UUID] = field(default_factory=dict[str, UUID])
    """The connection that a user has, or had last."""
    connected: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """When an account was first connected."""

    def load(self, kind: type[AnAggregate], aggregate_id: UUID) -> AnAggregate:
        """Return an aggregate as its events left it."""
        return kind.replayed(aggregate_id, self.events.get(aggregate_id, ()))

    def save(self, *aggregates: Aggregate) -> None:
        """Store what was recorded."""
        for one in aggregates:
            self.events[one.id] += one.collect_events()

    def connection(self, user: str) -> Connection:
        """Return the connection that a user has, or had last."""
        return self.load(Connection, self.connections[user])

    def calendar(self, uri: str) -> Calendar:
        """Return a calendar."""
        return self.load(Calendar, ids.calendar_id(subaccount_id=SUBACCOUNT, calendar_uri=uri))

    def contact(self, person: str) -> Contact:
        """Return a person's contact."""
        address = Guest(email=ADDRESSES[person][0], name="").address
        return self.load(Contact, ids.contact_id(subaccount_id=SUBACCOUNT, address=address))

    def chain(self, number: int) -> list[Booking]:
        """Return the appointments that a booking has had, oldest first (R19)."""
        one = self.load(Booking, ids.booking_id(subaccount_id=SUBACCOUNT, invitee_uri=invitee_uri(number)))
        found: list[Booking] = []
        while one.version:
            found.append(one)
            one = self.load(Booking, ids.next_booking_id(one.id))
        return found

    def places(self, user: str, account: str) -> Places:
        """Return the places that a connection takes."""
        slot = ids.user_slot_id(subaccount_id=SUBACCOUNT, user_id=USERS[user])
        own = ids.account_link_id(f"{API}/users/{account}")
        return Places(slot=self.load(AccountLink, slot), account=self.load(AccountLink, own))

    def connect(self, at: datetime, user: str, account: str) -> None:
        """Connect. Raises UserHasAccount or AccountTaken."""
        connection, places = Connection(UUID(int=1000 + len(self.events))), self.places(user, account)
        connect_account(
            context(at),
            connection,
            places,
            subaccount_id=SUBACCOUNT,
            user_id=USERS[user],
            calendly_user_uri=f"{API}/users/{account}",
            plan="teams",
        )
        self.save(connection, places.slot, places.account)
        self.connections[user] = connection.id
        self.connected.setdefault(account, at)

    def edit(
        self, at: datetime, user: str, *, selected: AbstractSet[str], removed: Mapping[str, SyncedEvents]
    ) -> list[str]:
        """Make a selection the whole one; return the calendars to be restored. Raises the refusals of selecting."""
        connection, calendars = self.connection(user), {uri: self.calendar(uri) for uri in LABELS}
        labels = {uri: LABELS[uri] for uri in CALENDARS[self.account_of(connection)]}
        edit_selection(context(at), connection, calendars, selected=selected, removed=removed, labels=labels)
        again = selected_again(connection, calendars.values(), at=at)
        self.save(connection, *calendars.values())
        return sorted(one.label.uri for one in again if one.label)

    def disconnect(self, at: datetime, user: str, choice: SyncedEvents) -> None:
        """Disconnect."""
        connection = self.connection(user)
        places = self.places(user, self.account_of(connection))
        calendars = {uri: self.calendar(uri) for uri in connection.ever_selected}
        disconnect_account(context(at), connection, places, calendars, synced_events=choice)
        self.save(connection, places.slot, places.account, *calendars.values())

    def account_of(self, connection: Connection) -> str:
        """Return the account that a connection is for."""
        return connection.facts.calendly_user_uri.rpartition("/")[2]

    def deliver(self, at: datetime, booked: BookedInvitee, *, to: UUID, draw: Draw) -> Outcome:
        """Import what was delivered to a connection, active or not."""
        concerned, facts = self.concerned(booked), self.load(Connection, to).facts
        outcome = import_booking(
            context(at),
            booked,
            concerned,
            subaccount_id=SUBACCOUNT,
            delivered_to=facts.user_id,
            via="webhook",
            draw=draw,
        )
        return self.settled(concerned, outcome)

    def reconcile(
        self, at: datetime, booked: BookedInvitee, *, user: str, until: datetime | None, draw: Draw
    ) -> Outcome:
        """Import what a user's token found, or not."""
        concerned, finder = self.concerned(booked), self.finder(user)
        outcome = reconcile_booking(context(at), booked, concerned, finder=finder, restored_until=until, draw=draw)
        return self.settled(concerned, outcome)

    def restore(self, at: datetime, booked: BookedInvitee, *, user: str, reselected: datetime, draw: Draw) -> Outcome:
        """Bring back what a user's token found, or not."""
        concerned, finder = self.concerned(booked, last=True), self.finder(user)
        reselection = Reselection(at=reselected)
        outcome = restore_booking(context(at), booked, concerned, finder=finder, reselection=reselection, draw=draw)
        return self.settled(concerned, outcome)

    def finder(self, user: str) -> Finder:
        """Return whose token finds bookings."""
        connection = self.connection(user)
        return Finder(connection=connection, first_connected_at=self.connected[self.account_of(connection)])

    def concerned(self, booked: BookedInvitee, *, last: bool = False) -> Concerned:
        """Return what a booking concerns: its first appointment, or the last one or the place of the next."""
        booking_id = ids.booking_id(subaccount_id=SUBACCOUNT, invitee_uri=booked.invitee_uri)
        booking = self.load(Booking, booking_id)
        while last and booking.deleted:
            booking = self.load(Booking, ids.next_booking_id(booking.id))
        guest = booked.guest
        contact_id = ids.contact_id(subaccount_id=SUBACCOUNT, address=guest.address) if guest else None
        contact = self.load(Contact, contact_id) if contact_id else None
        return Concerned(calendar=self.calendar(booked.calendar_uri), booking=booking, contact=contact)

    def settled(self, concerned: Concerned, outcome: Outcome) -> Outcome:
        """Save what a decision recorded."""
        self.save(concerned.booking, *([concerned.contact] if concerned.contact else []))
        return outcome

    def remove(self, at: datetime, uri: str, numbers: Iterable[int]) -> None:
        """Delete appointments of a calendar, if that is agreed."""
        if delete_is_agreed(self.calendar(uri)):
            bookings = [one for number in numbers for one in self.chain(number)]
            for one in bookings:
                one.delete(context(at), reason="calendar_deselected")
            self.save(*bookings)


def context(at: datetime) -> Context:
    """Return the surroundings of a decision."""
    return Context(at=at, cause="command", cause_id=CAUSE)


def invitee_uri(number: int) -> str:
    """Return the URI of a booking's invitee."""
    return f"{API}/scheduled_events/S{number}/invitees/I{number}"


def told(made: Made) -> BookedInvitee:
    """Return a booking as Calendly tells of it; who books again writes the address another way, and another name."""
    ways = ADDRESSES[made.person] if made.person else ()
    guest = Guest(email=ways[made.number % len(ways)], name=f"{made.person} {made.number}") if made.person else None
    return BookedInvitee(
        invitee_uri=invitee_uri(made.number),
        event_uri=f"{API}/scheduled_events/S{made.number}",
        calendar_uri=made.calendar,
        title=LABELS[made.calendar].name,
        starts_at=made.starts,
        ends_at=made.starts + timedelta(minutes=30),
        booked_at=made.at,
        guest=guest,
    )
