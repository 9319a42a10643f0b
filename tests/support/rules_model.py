"""A small model of the rules, read from the rules and not from the domain: it keeps all that happened, and searches it.

Moments are UTC. What happened in one moment has happened: who selects is there from that moment on, who leaves is not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(days=180)
"""R15: how long before the reselection a past booking may have been created."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A booking at Calendly: on which calendar, by whom (None: no guest), when it was made, and who hosts it."""

    number: int
    calendar: str
    person: str | None
    at: datetime
    starts: datetime
    hosts: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Appointment:
    """What a booking became; a booking that comes back after a deletion has one more (R19)."""

    booking: Made
    owner: str
    deleted: bool = False


@dataclass(kw_only=True)
class Link:
    """A user's connected account, until when, and every calendar that was selected by it."""

    user: str
    account: str
    since: datetime
    until: datetime | None = None
    ever: set[str] = field(default_factory=set[str])


@dataclass(kw_only=True)
class RulesModel:
    """What must be there, by the letter of the rules."""

    links: list[Link] = field(default_factory=list[Link])
    selections: list[tuple[datetime, str, str, bool]] = field(default_factory=list[tuple[datetime, str, str, bool]])
    """Moment, calendar, user, selected or left."""
    choices: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """Each user's latest choice, by calendar and user."""
    appointments: list[Appointment] = field(default_factory=list[Appointment])

    def link_of(self, user: str) -> Link | None:
        """Return a user's connected account."""
        return next((one for one in self.links if one.user == user and one.until is None), None)

    def refused(self, user: str, account: str) -> set[str]:
        """Return the rules that forbid a user to connect an account (R20, R21)."""
        held = [one for one in self.links if one.until is None]
        return {"R20" for one in held if one.user == user} | {"R21" for one in held if one.account == account}

    def first_connected(self, account: str) -> datetime:
        """Return when anybody first connected an account (R8)."""
        return min(one.since for one in self.links if one.account == account)

    def users_of(self, calendar: str, at: datetime) -> set[str]:
        """Return who has a calendar selected at a moment."""
        users: set[str] = set()
        for moment, name, user, selected in self.selections:
            if name == calendar and moment <= at:
                (users.add if selected else users.discard)(user)
        return users

    def selected_by(self, user: str, at: datetime) -> set[str]:
        """Return the calendars that a user has selected at a moment."""
        return {name for _, name, _, _ in self.selections if user in self.users_of(name, at)}

    def first_selected(self, calendar: str) -> datetime | None:
        """Return when anybody first selected a calendar (R13)."""
        return min((at for at, name, _, selected in self.selections if name == calendar and selected), default=None)

    def taken_up(self, calendar: str) -> datetime:
        """Return when a calendar that nobody had was last selected: since then there is no gap."""
        moments = [at for at, name, _, _ in self.selections if name == calendar]
        just_before = timedelta(microseconds=1)
        return max(
            at for at in moments if self.users_of(calendar, at) and not self.users_of(calendar, at - just_before)
        )

    def connect(self, at: datetime, user: str, account: str) -> None:
        """A user connects an account."""
        self.links.append(Link(user=user, account=account, since=at))

    def select(self, at: datetime, calendar: str, user: str) -> None:
        """A user selects a calendar; it voids the choice made on leaving (R18)."""
        self.selections.append((at, calendar, user, True))
        self.choices.pop((calendar, user), None)
        for link in self.links:
            if link.user == user and link.until is None:
                link.ever.add(calendar)

    def leave(self, at: datetime, calendar: str, user: str, choice: str) -> None:
        """A user leaves a calendar with a choice (R16), or changes it afterwards: the latest counts (R18)."""
        self.selections.append((at, calendar, user, False))
        self.choices[calendar, user] = choice

    def disconnect(self, at: datetime, user: str, choice: str) -> None:
        """A user leaves all calendars; "delete" is meant for those that this account left with "keep" too (R17)."""
        link = self.link_of(user)
        assert link is not None
        left_before = {one for one in link.ever if self.choices.get((one, user)) == "keep"}
        for calendar in self.selected_by(user, at) | (left_before if choice == "delete" else set()):
            self.leave(at, calendar, user, choice)
        link.until = at

    def agreed(self, calendar: str, at: datetime) -> bool:
        """Tell whether a calendar's appointments are to be removed: everybody left it with "delete" (R18)."""
        votes = {choice for (name, _), choice in self.choices.items() if name == calendar}
        return votes == {"delete"} and not self.users_of(calendar, at)

    def waited_for(self, calendar: str, user: str, at: datetime) -> set[str]:
        """Return who keeps a user's "delete" from having effect: who has the calendar, or left it with "keep" (R18)."""
        if self.choices.get((calendar, user)) != "delete":
            return set()
        keepers = {who for (name, who), choice in self.choices.items() if name == calendar and choice == "keep"}
        return keepers | self.users_of(calendar, at)

    def held_back(self, booking: Made, now: datetime) -> set[str]:
        """Return the rules that hold back a booking told of now, however it came; none: it is imported."""
        first = self.first_selected(booking.calendar)
        if first is None:
            return {"R3"}
        rules = set[str]()
        if not self.users_of(booking.calendar, now):
            rules.add("R14")
        if not self.users_of(booking.calendar, booking.at):
            rules.add("R13" if booking.at < first else "R14")
        return rules

    def not_missed(self, booking: Made, now: datetime, *, finder: str, reselected: Iterable[datetime]) -> set[str]:
        """Return the rules that keep a comparison by an account from importing what it found at Calendly.

        What was made before the calendar was taken up again, or before a reselection that is still to be worked off,
        is for R15 to bring back.
        """
        rules = self.held_back(booking, now)
        if booking.at < self.first_connected(finder):
            rules.add("R8")
        if self.users_of(booking.calendar, now):
            since = max([self.taken_up(booking.calendar), *reselected])
            rules |= {"R15"} if booking.at < since else set()
        return rules

    def not_restored(self, booking: Made, now: datetime, *, finder: str, reselected: datetime) -> set[str]:
        """Return the rules that keep a reselection from bringing back what an account found at Calendly (R15)."""
        rules = self.held_back(booking, now)
        if booking.at < self.first_connected(finder):
            rules.add("R8")
        if booking.at >= reselected:
            rules.add("R13")
        if booking.starts < reselected and booking.at < reselected - WINDOW:
            rules.add("R15")
        return rules

    def of(self, number: int) -> list[Appointment]:
        """Return the appointments that a booking has had, oldest first."""
        return [one for one in self.appointments if one.booking.number == number]

    def there(self) -> dict[int, str]:
        """Return the bookings that are appointments now, and their owners."""
        return {one.booking.number: one.owner for one in self.appointments if not one.deleted}

    def latest(self, person: str) -> list[Appointment]:
        """Return a person's appointment of the booking made last, deleted or not; the newest, if it came back (R10).

        They are several where bookings were made in the same moment.
        """
        newest = {one.booking.number: one for one in self.appointments if one.booking.person == person}.values()
        last = max((one.booking.at for one in newest), default=None)
        return [one for one in newest if one.booking.at == last]
