"""What the machine's steps share: the clock, Calendly's side, the domain, and the model."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from domain.booking import BookingImported, OwnerAssigned, Via
from domain.connection import SyncedEvents
from domain.import_booking import Outcome
from domain.ownership import Draw
from tests.support.rules_model import Appointment, Made, RulesModel
from tests.unit.domain.machine.world import CALENDARS, DEMO, USERS, World

MINUTE = timedelta(minutes=1)
LEADER = "ahlen"
"""The account whose token may list what others host, of a shared calendar."""
NAMES = {user_id: name for name, user_id in USERS.items()}

users = st.sampled_from(sorted(USERS))
accounts = st.sampled_from(sorted(CALENDARS))
choices: st.SearchStrategy[SyncedEvents] = st.sampled_from(["keep", "delete"])


@dataclass
class Calendly:
    """What stands at Calendly, and what it has delivered or will: a booking, to a connection."""

    made: dict[int, Made] = field(default_factory=dict[int, Made])
    active: set[int] = field(default_factory=set[int])
    sent: list[tuple[int, UUID]] = field(default_factory=list[tuple[int, UUID]])

    def listed_for(self, account: str) -> list[Made]:
        """Return the active bookings that an account's token may list."""
        return [one for one in self.made.values() if one.number in self.active and may_list(account, one)]


def may_list(account: str, made: Made) -> bool:
    """Tell whether an account's token may list a booking."""
    return account in made.hosts or (account == LEADER and made.calendar == DEMO)


class Stage(RuleBasedStateMachine):
    """The beginning of the machine; its steps are in the modules beside this one."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = datetime(2026, 11, 24, 9, tzinfo=UTC)
        self.calendly, self.world, self.model = Calendly(), World(), RulesModel()
        self.reselected: list[tuple[str, datetime]] = []
        """Calendars that are to be restored, and when they were selected again."""
        self.forward = False

    def now(self) -> datetime:
        """Return the moment of the next step; no two have the same."""
        self.clock += MINUTE
        return self.clock

    def connected(self) -> list[str]:
        """Return the users that have an account connected."""
        return sorted(one.user for one in self.model.links if one.until is None)

    def account(self, user: str) -> str:
        """Return a connected user's account."""
        link = self.model.link_of(user)
        assert link is not None
        return link.account

    def make(self, calendar: str, person: str | None, *, at: datetime, ahead: timedelta, host: str) -> None:
        """Book at Calendly; those of its hosts who are connected will be told."""
        hosts = frozenset(one for one, offers in CALENDARS.items() if calendar in offers and host in {one, "all"})
        number = len(self.calendly.made) + 1
        made = Made(number=number, calendar=calendar, person=person, at=at, starts=at + ahead, hosts=hosts)
        self.calendly.made[number] = made
        self.calendly.active.add(number)
        told_users = [user for user in self.connected() if self.account(user) in hosts]
        self.calendly.sent += [(number, self.world.connections[user]) for user in told_users]

    def check(self, made: Made, outcome: Outcome, held_back: set[str]) -> None:
        """Compare what became of a booking that is no appointment with what the rules say; note the new one."""
        if held_back:
            assert outcome.kind == "left_out", f"{made} became {outcome}, held back by {held_back}"
            assert outcome.rule in held_back
        else:
            assert outcome.kind == "imported", f"{made} became {outcome}"

    def note(self, made: Made, outcome: Outcome, via: Via, to: str) -> None:
        """Check a new appointment's owner by R11 and R12 and that it is marked by R23, and note it."""
        booking = self.world.chain(made.number)[-1]
        imported, assigned = self.world.events[booking.id]
        assert isinstance(imported, BookingImported)
        assert isinstance(assigned, OwnerAssigned)
        assert (imported.via, booking.id) == (via, outcome.appointment_id)
        candidates = self.model.users_of(made.calendar, self.clock)
        rule = "random_connected_user" if made.calendar == DEMO else "connecting_user"
        assert assigned.rule == rule
        assert {NAMES[one] for one in assigned.candidates} == candidates, f"{made}, delivered to {to}"
        assert assigned.owner_user_id in assigned.candidates
        owner = NAMES[assigned.owner_user_id]
        self.model.appointments.append(Appointment(booking=made, owner=owner))


def drawing(place: int) -> Draw:
    """Return a draw that takes the user at a place."""
    return lambda users: users[place % len(users)]
