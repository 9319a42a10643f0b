"""The domain against a small independent model of the rules, whatever happens in whatever order (R3 to R21)."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from domain.ids import next_booking_id
from domain.removal import waited_for
from tests.unit.domain.machine.booking_steps import BookingSteps
from tests.unit.domain.machine.stage import NAMES
from tests.unit.domain.machine.world import ADDRESSES, CALENDARS, LABELS, USERS


class Rules(BookingSteps):
    """What must hold after every step."""

    @invariant()
    def the_appointments_are_those_of_the_model(self) -> None:
        """Each booking has had its appointments, with their owners; a deleted one never came back (R12, R19)."""
        for number in self.calendly.made:
            chain = self.world.chain(number)
            found = [(NAMES[one.owner_user_id], one.deleted) for one in chain if one.owner_user_id]
            assert found == [(one.owner, one.deleted) for one in self.model.of(number)]
            assert [one.id for one in chain[1:]] == [next_booking_id(one.id) for one in chain[:-1]]
            assert all(one.deleted for one in chain[:-1])

    @invariant()
    def contacts_belong_to_the_owner_of_the_booking_made_last(self) -> None:
        """R9, R10."""
        for person in ADDRESSES:
            state, latest = self.world.contact(person).state, self.model.latest(person)
            assert (state is None) == (not latest)
            if state is None:
                continue
            owners = {one.owner for one in latest}
            assert NAMES[state.assigned_user_id] in owners
            numbers = {one.booking.number for one in latest}
            assert state.latest_appointment_id in {self.world.chain(number)[-1].id for number in numbers}

    @invariant()
    def the_first_name_that_came_is_kept(self) -> None:
        """R9."""
        for person in ADDRESSES:
            state = self.world.contact(person).state
            first = next((one.booking for one in self.model.appointments if one.booking.person == person), None)
            if state is not None and first is not None:
                assert state.name == f"{person} {first.number}"

    @invariant()
    def who_is_waited_for_is_told(self) -> None:
        """R18."""
        for uri in LABELS:
            calendar = self.world.calendar(uri)
            for name, user_id in USERS.items():
                waiting = {NAMES[one] for one in waited_for(calendar, user_id) or ()}
                assert waiting == self.model.waited_for(uri, name, self.clock)

    @invariant()
    def selections_are_those_of_the_model(self) -> None:
        """R13, R14, R16."""
        for user in self.connected():
            assert set(self.world.connection(user).selected) == self.model.selected_by(user, self.clock)

    @invariant()
    def a_connected_user_and_account_hold_their_places_and_nobody_else(self) -> None:
        """R20, R21."""
        for user in USERS:
            for account in CALENDARS:
                places, link = self.world.places(user, account), self.model.link_of(user)
                assert (places.slot.held_by is not None) == (link is not None)
                held = [one for one in self.model.links if one.account == account and one.until is None]
                assert (places.account.held_by is not None) == bool(held)


SETTINGS = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

TestRules = Rules.TestCase
TestRules.settings = SETTINGS
