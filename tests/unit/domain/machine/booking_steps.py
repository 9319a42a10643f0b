"""Steps of the machine: guests book, Calendly delivers as it likes, we compare, restore and remove (R4 to R15, R19)."""

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from domain.connection import Connection, SyncedEvents
from domain.import_booking import Outcome
from tests.support.rules_model import WINDOW, Made
from tests.unit.domain.machine.selecting_steps import SelectingSteps
from tests.unit.domain.machine.stage import MINUTE, NAMES, accounts, choices, drawing, users
from tests.unit.domain.machine.world import ADDRESSES, CALENDARS, LABELS, told

DOES = ("deliver before", "disconnect", "remove", "deliver after", "restore later")
READY = ((("ingrid", "ahlen"), ("tomas", "berg")), (("ingrid", "ahlen"),), (("tomas", "berg"),))

places = st.integers(0, 2)
aheads = st.sampled_from([timedelta(hours=1), timedelta(days=300)])
bursts = st.lists(
    st.tuples(
        st.sampled_from(sorted(LABELS)),
        st.sampled_from([*ADDRESSES, None]),
        aheads,
        st.sampled_from([*CALENDARS, "all"]),
        st.sampled_from([timedelta(0), MINUTE]),
    ),
    min_size=1,
    max_size=3,
)
"""Bookings: calendar, person, how far ahead, host, and how long after the last step."""

Burst = list[tuple[str, str | None, timedelta, str, timedelta]]


class BookingSteps(SelectingSteps):
    """What guests do, and what comes of it."""

    @initialize(ready=st.sampled_from(READY), forward=st.sampled_from([False, False, False, True]), burst=bursts)
    def begin(self, ready: tuple[tuple[str, str], ...], forward: bool, burst: Burst) -> None:
        """Begin with some users who have all their calendars selected, and some bookings."""
        self.forward = forward
        for user, account in ready:
            self.connect_now(user, account)
            self.edit_to(user, set(CALENDARS[account]), "keep")
        self.book(burst)

    @rule(user=users, account=accounts, choice=choices, burst=bursts, selects=st.booleans())
    def come_or_go(self, user: str, account: str, choice: SyncedEvents, burst: Burst, selects: bool) -> None:
        """Disconnect, or connect, perhaps select everything, and compare; book in the moment of connecting (R8)."""
        leaves = user in self.connected()
        self.connect_now(user, account)
        if leaves:
            self.leave_for_good(user, choice)
        self.book(burst)
        if selects and user in self.connected():
            self.edit_to(user, set(CALENDARS[account]), "keep")
            self.compare(user, place=0)

    @rule(burst=bursts)
    def book(self, burst: Burst) -> None:
        """Book in the very moment of the last step, or later."""
        for calendar, person, ahead, host, late in burst:
            self.clock += late
            personal = LABELS[calendar].kind == "personal"
            self.make(calendar, person, at=self.clock, ahead=ahead, host="all" if personal else host)

    @precondition(lambda self: self.calendly.active)
    @rule(data=st.data(), again=st.booleans(), ahead=aheads)
    def cancel(self, data: st.DataObject, again: bool, ahead: timedelta) -> None:
        """Cancel, or reschedule, which books anew; what is an appointment stays one (R7)."""
        old = self.calendly.made[data.draw(st.sampled_from(sorted(self.calendly.active)))]
        self.calendly.active.remove(old.number)
        if again:
            host = "all" if len(old.hosts) > 1 else min(old.hosts)
            self.make(old.calendar, old.person, at=self.now(), ahead=ahead, host=host)

    @precondition(lambda self: self.connected())
    @rule(data=st.data(), choice=choices, burst=bursts, does=st.sets(st.sampled_from(DOES)))
    def leave_and_come_back(self, data: st.DataObject, choice: SyncedEvents, burst: Burst, does: set[str]) -> None:
        """Leave everything and select it again (R15); what is booked meanwhile may be in a gap (R14)."""
        user = data.draw(st.sampled_from(self.connected()))
        account, whole = self.account(user), set(CALENDARS[self.account(user)])
        if "deliver before" in does:
            self.deliver_latest()
        self.book(burst)
        points = self.turning_points()
        if "disconnect" in does:
            self.leave_for_good(user, choice)
        else:
            self.edit_to(user, set(), choice)
        self.book(burst)
        if "remove" in does:
            self.remove(set(self.model.there()))
        steps = 2 if "disconnect" in does else 1
        self.clock = max(self.clock, data.draw(st.sampled_from(points)) - steps * MINUTE)
        if "disconnect" in does:
            self.connect_now(user, account)
        self.edit_to(user, whole, choice)
        if "deliver after" in does:
            self.deliver_latest()
        if "restore later" not in does:
            self.restore_all()

    def turning_points(self) -> list[datetime]:
        """Return now, and the last moments in which R15 reaches one of the latest bookings."""
        latest = list(self.calendly.made.values())[-2:]
        return [self.clock, *(one.starts for one in latest), *(one.at + WINDOW for one in latest)]

    def deliver_latest(self) -> None:
        """Deliver what was sent last, the latest first."""
        for number, to in reversed(self.calendly.sent[-5:]):
            self.deliver(self.calendly.made[number], to, place=0)

    @precondition(lambda self: self.calendly.sent)
    @rule(data=st.data())
    def deliver_some(self, data: st.DataObject) -> None:
        """Deliver what was sent: late, twice, never, in any order, to connections that may have ended meanwhile."""
        sent = st.sampled_from(self.calendly.sent)
        for number, to in data.draw(st.lists(sent, min_size=1, max_size=8)):
            self.deliver(self.calendly.made[number], to, data.draw(places))

    def deliver(self, made: Made, to: UUID, place: int) -> None:
        """Deliver a booking."""
        before, at = self.model.of(made.number), self.now()
        outcome = self.world.deliver(at, told(made), to=to, draw=drawing(place))
        if before:
            self.known(outcome, deleted=before[0].deleted)
            return
        self.check(made, outcome, self.model.held_back(made, at))
        if outcome.kind == "imported":
            self.note(made, outcome, "webhook", NAMES[self.world.load(Connection, to).facts.user_id])

    @precondition(lambda self: self.connected())
    @rule(data=st.data(), place=places)
    def reconcile(self, data: st.DataObject, place: int) -> None:
        """Compare an account with Calendly."""
        self.compare(data.draw(st.sampled_from(self.connected())), place)

    def compare(self, user: str, place: int) -> None:
        """Compare a user's account with Calendly: exactly what was missed becomes an appointment (R4, R8, R14)."""
        account = self.account(user)
        for made in self.calendly.listed_for(account):
            open_ = [at for calendar, at in self.reselected if calendar == made.calendar]
            before, at = self.model.of(made.number), self.now()
            until = max(open_, default=None)
            outcome = self.world.reconcile(at, told(made), user=user, until=until, draw=drawing(place))
            if before:
                self.known(outcome, deleted=before[0].deleted)
                continue
            self.check(made, outcome, self.model.not_missed(made, at, finder=account, reselected=open_))
            if outcome.kind == "imported":
                self.note(made, outcome, "reconciliation", user)

    @precondition(lambda self: self.reselected)
    @rule(data=st.data(), place=places, interrupted=st.booleans())
    def restore(self, data: st.DataObject, place: int, interrupted: bool) -> None:
        """Bring back what a calendar had that was selected again, or the first of it (R15)."""
        calendar, reselected = data.draw(st.sampled_from(self.reselected))
        self.bring_back(calendar, reselected, place, most=1 if interrupted else None)
        if not interrupted:
            self.reselected.remove((calendar, reselected))

    def restore_all(self) -> None:
        """Bring back whatever is to be brought back."""
        for calendar, reselected in self.reselected:
            self.bring_back(calendar, reselected, place=0)
        self.reselected.clear()

    def bring_back(self, calendar: str, reselected: datetime, place: int, most: int | None = None) -> None:
        """Ask all who have a calendar selected now for its bookings, each for so many at most."""
        for user in sorted(self.model.users_of(calendar, self.clock)):
            listed = [one for one in self.calendly.listed_for(self.account(user)) if one.calendar == calendar]
            for made in listed[:most]:
                before, at = self.model.of(made.number), self.now()
                draw = drawing(place)
                outcome = self.world.restore(at, told(made), user=user, reselected=reselected, draw=draw)
                if before and not before[-1].deleted:
                    self.known(outcome, deleted=False)
                    continue
                finder = self.account(user)
                self.check(made, outcome, self.model.not_restored(made, at, finder=finder, reselected=reselected))
                if outcome.kind == "imported":
                    self.note(made, outcome, "reconnect", user)

    @precondition(lambda self: any(self.model.agreed(one, self.clock) for one in LABELS))
    @rule(data=st.data())
    def remove_some(self, data: st.DataObject) -> None:
        """Delete what everybody agreed to delete, or some of it: a deletion may be interrupted (R18)."""
        there = sorted(self.model.there())
        self.remove(set(there) - set(data.draw(st.lists(st.sampled_from(there or [0])))))

    def remove(self, numbers: set[int]) -> None:
        """Delete those of these bookings' appointments that are to be deleted."""
        at = self.now()
        for calendar in LABELS:
            chosen = [n for n in sorted(numbers) if self.calendly.made[n].calendar == calendar]
            self.world.remove(at, calendar, chosen)
            if self.model.agreed(calendar, at):
                for one in self.model.appointments:
                    one.deleted = one.deleted or one.booking.number in chosen

    def known(self, outcome: Outcome, *, deleted: bool) -> None:
        """Compare what became of a booking that has or had an appointment: nothing new (R19)."""
        expected = ("ignored", "R19") if deleted else ("duplicate", "R4")
        assert (outcome.kind, outcome.rule) == expected
