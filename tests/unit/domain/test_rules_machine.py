"""The domain against a small independent model of the rules, whatever happens in whatever order (R3 to R19)."""

from datetime import timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain import ids
from domain.account_link import AccountLink
from domain.booked import BookedInvitee
from domain.booking import Booking
from domain.calendar import Calendar
from domain.connecting import Places, connect_account, disconnect_account
from domain.connection import CalendarLabel, Connection
from domain.contact import Contact, Guest
from domain.import_booking import Concerned, import_booking
from domain.recorded import Context
from domain.removal import delete_is_agreed
from domain.selecting import edit_selection
from tests.support.rules_model import Made, RulesModel
from tests.unit.domain.givens import CAUSE, INGRID, NINE, SUBACCOUNT, TOMAS

API = "https://api.calendly.com"
INTRO, DEMO = f"{API}/event_types/INTRO", f"{API}/event_types/DEMO"
LABELS = {
    INTRO: CalendarLabel(uri=INTRO, name="Intro call", kind="personal"),
    DEMO: CalendarLabel(uri=DEMO, name="Product demo", kind="shared"),
}
USERS = {"ingrid": INGRID, "tomas": TOMAS}
CALENDARS = {"ingrid": (INTRO, DEMO), "tomas": (DEMO,)}
users = st.sampled_from(sorted(USERS))
choices = st.sampled_from(["keep", "delete"])


class Rules(RuleBasedStateMachine):
    """Connect, select, leave, disconnect, book, deliver: late, twice, out of order, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.step = 0
        self.connections: dict[str, Connection] = {}
        self.connected = 0
        self.calendars = {uri: Calendar(ids.calendar_id(subaccount_id=SUBACCOUNT, calendar_uri=uri)) for uri in LABELS}
        self.places = {
            name: Places(
                slot=AccountLink(ids.user_slot_id(subaccount_id=SUBACCOUNT, user_id=user)),
                account=AccountLink(ids.account_link_id(f"{API}/users/{name}")),
            )
            for name, user in USERS.items()
        }
        self.bookings: dict[int, Booking] = {}
        self.contacts: dict[str, Contact] = {}
        self.model = RulesModel(shared=frozenset({DEMO}))

    def now(self) -> Context:
        self.step += 1
        moment = NINE + timedelta(minutes=self.step)
        return Context(at=moment, cause="command", cause_id=CAUSE)

    @initialize(ready=st.sets(users))
    def begin(self, ready: set[str]) -> None:
        for user in sorted(ready):
            self.connect(user)
            self.edit_to(user, frozenset(CALENDARS[user]), "keep")

    @rule(user=users)
    def connect(self, user: str) -> None:
        if user in self.connections:
            return
        self.connected += 1
        connection = Connection(UUID(int=self.connected))
        connect_account(
            self.now(),
            connection,
            self.places[user],
            subaccount_id=SUBACCOUNT,
            user_id=USERS[user],
            calendly_user_uri=f"{API}/users/{user}",
            plan="teams",
        )
        self.connections[user] = connection

    @precondition(lambda self: self.connections)
    @rule(data=st.data(), choice=choices)
    def edit(self, data: st.DataObject, choice: str) -> None:
        user = data.draw(st.sampled_from(sorted(self.connections)))
        self.edit_to(user, frozenset(data.draw(st.sets(st.sampled_from(CALENDARS[user])))), choice)

    def edit_to(self, user: str, wanted: frozenset[str], choice: str) -> None:
        """Make a selection the whole one."""
        connection, context = self.connections[user], self.now()
        before = self.model.selected_by(user, self.step)
        edit_selection(
            context,
            connection,
            self.calendars,
            selected=wanted,
            removed=dict.fromkeys(before - wanted, choice),
            labels=LABELS,
        )
        for calendar in before - wanted:
            self.model.leave(self.step, calendar, user, choice)
        for calendar in wanted - before:
            self.model.select(self.step, calendar, user)
        assert set(connection.selected) == wanted

    @precondition(lambda self: self.connections)
    @rule(data=st.data(), choice=choices)
    def disconnect(self, data: st.DataObject, choice: str) -> None:
        user = data.draw(st.sampled_from(sorted(self.connections)))
        connection, context = self.connections.pop(user), self.now()
        ever = {uri: self.calendars[uri] for uri in connection.ever_selected}
        left_before = [key for key in self.model.choices if key[1] == user and key[0] not in connection.ever_selected]
        kept = {key: self.model.choices[key] for key in left_before}
        disconnect_account(context, connection, self.places[user], ever, synced_events=choice)
        self.model.disconnect(self.step, user, choice)
        self.model.choices |= kept  # the choice is for what this connection ever selected

    @rule(calendar=st.sampled_from(sorted(LABELS)), guest=st.sampled_from(["ada", "bo", None]))
    def book(self, calendar: str, guest: str | None) -> None:
        self.now()
        number = len(self.model.made) + 1
        self.model.made[number] = Made(number, calendar, guest, self.step)

    @precondition(lambda self: self.model.made)
    @rule(data=st.data())
    def deliver_some(self, data: st.DataObject) -> None:
        for number in data.draw(st.lists(st.sampled_from(sorted(self.model.made)), min_size=1, max_size=5)):
            self.deliver(data, self.model.made[number])

    def deliver(self, data: st.DataObject, made: Made) -> None:
        """Deliver a booking to one of its hosts, whenever it was made and however often it came before."""
        hosts = [user for user in sorted(USERS) if made.calendar in CALENDARS[user]]
        to, drawn = data.draw(st.sampled_from(hosts)), data.draw(st.integers(0, 1))
        context = self.now()
        expected = self.model.outcome(made, self.step)
        invitee = booked(made).invitee_uri
        booking_id = ids.booking_id(subaccount_id=SUBACCOUNT, invitee_uri=invitee)
        booking = self.bookings.setdefault(made.number, Booking(booking_id))
        contact = (
            self.contacts.setdefault(made.guest, Contact(UUID(int=hash(made.guest) % 997))) if made.guest else None
        )
        outcome = import_booking(
            context,
            booked(made),
            Concerned(calendar=self.calendars[made.calendar], booking=booking, contact=contact),
            subaccount_id=SUBACCOUNT,
            delivered_to=USERS[to],
            via="webhook",
            draw=lambda users: users[drawn % len(users)],
        )
        assert (outcome.kind if outcome.kind in {"imported", "duplicate"} else outcome.rule) == expected
        if expected == "imported":
            self.note_owner(made, booking, to)

    def contact_of(self, guest: str) -> Contact:
        """Return a guest's contact."""
        contact_id = ids.contact_id(subaccount_id=SUBACCOUNT, address=f"{guest}@guest.example")
        return self.contacts.setdefault(guest, Contact(contact_id))

    def note_owner(self, made: Made, booking: Booking, to: str) -> None:
        """Check the owner by R11 and R12, and note it."""
        candidates = self.model.users_of(made.calendar, self.step)
        owner = next(name for name, user in USERS.items() if user == booking.owner_user_id)
        assert owner in candidates
        if made.calendar not in self.model.shared:
            assert owner == to or to not in candidates
        self.model.there[made.number] = self.model.ever[made.number] = owner

    @rule()
    def delete_what_is_agreed(self) -> None:
        context = self.now()
        for calendar in self.calendars.values():
            if delete_is_agreed(calendar):
                for number, booking in self.bookings.items():
                    if calendar.label is not None and self.model.made[number].calendar == calendar.label.uri:
                        booking.delete(context, reason="calendar_deselected")
        self.model.delete_agreed(self.step)

    @invariant()
    def the_appointments_are_those_of_the_model(self) -> None:
        there = {number for number, one in self.bookings.items() if one.imported and not one.deleted}
        assert there == set(self.model.there)

    @invariant()
    def contacts_belong_to_the_owner_of_the_booking_made_last(self) -> None:
        for guest, contact in self.contacts.items():
            assigned = USERS.get(self.model.assigned(guest) or "")
            assert (contact.state.assigned_user_id if contact.state else None) == assigned

    @invariant()
    def a_connected_user_and_account_hold_their_places_and_nobody_else(self) -> None:
        for user, places in self.places.items():
            held = self.connections[user].id if user in self.connections else None
            assert (places.slot.held_by, places.account.held_by) == (held, held)


def booked(made: Made) -> BookedInvitee:
    """Return a booking as Calendly tells of it."""
    moment = NINE + timedelta(minutes=made.at)
    return BookedInvitee(
        invitee_uri=f"{API}/scheduled_events/S{made.number}/invitees/I{made.number}",
        event_uri=f"{API}/scheduled_events/S{made.number}",
        calendar_uri=made.calendar,
        title=LABELS[made.calendar].name,
        starts_at=moment + timedelta(days=7),
        ends_at=moment + timedelta(days=7, minutes=30),
        booked_at=moment,
        guest=Guest(email=f"{made.guest}@guest.example", name=made.guest.title()) if made.guest else None,
    )


TestRules = Rules.TestCase
TestRules.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
