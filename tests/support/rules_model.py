"""A small model of the rules, independent of the domain: it keeps all that happened, and answers by searching it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Made:
    """A booking at Calendly: when it was made (a step's number), on which calendar, and by whom."""

    number: int
    calendar: str
    guest: str | None
    at: int


@dataclass
class RulesModel:
    """What must be there, by the letter of the rules."""

    shared: frozenset[str]
    selections: list[tuple[int, str, str, bool]] = field(default_factory=list)
    """Step, calendar, user, selected or not."""
    choices: dict[tuple[str, str], str] = field(default_factory=dict)
    there: dict[int, str] = field(default_factory=dict)
    """Bookings that are appointments, and their owners."""
    ever: dict[int, str] = field(default_factory=dict)
    """Bookings that ever were appointments, and their owners."""
    made: dict[int, Made] = field(default_factory=dict)

    def users_of(self, calendar: str, at: int) -> set[str]:
        """Return who has a calendar selected after what happened up to a step."""
        users: set[str] = set()
        for step, name, user, selected in self.selections:
            if name == calendar and step <= at:
                (users.add if selected else users.discard)(user)
        return users

    def selected_by(self, user: str, now: int) -> set[str]:
        """Return the calendars that a user has selected."""
        calendars = {name for _, name, who, _ in self.selections if who == user}
        return {name for name in calendars if user in self.users_of(name, now)}

    def first_selected(self, calendar: str) -> int | None:
        """Return the step in which anybody first selected a calendar."""
        return min((step for step, name, _, selected in self.selections if name == calendar and selected), default=None)

    def select(self, step: int, calendar: str, user: str) -> None:
        """A user selects a calendar; it voids the choice made on leaving (R18)."""
        self.selections.append((step, calendar, user, True))
        self.choices.pop((calendar, user), None)

    def leave(self, step: int, calendar: str, user: str, choice: str) -> None:
        """A user leaves a calendar with a choice (R16)."""
        self.selections.append((step, calendar, user, False))
        self.choices[calendar, user] = choice

    def disconnect(self, step: int, user: str, choice: str) -> None:
        """A user leaves every calendar; "delete" is meant for those left with "keep" too (R17)."""
        for calendar in sorted(self.selected_by(user, step)):
            self.leave(step, calendar, user, choice)
        if choice == "delete":
            for calendar, who in list(self.choices):
                if who == user:
                    self.choices[calendar, who] = "delete"

    def outcome(self, booking: Made, now: int) -> str:
        """Say what a delivery comes to: imported, or the rule by which it does not."""
        if booking.number in self.ever:
            return "duplicate" if booking.number in self.there else "R19"
        first = self.first_selected(booking.calendar)
        if first is None:
            return "R3"
        if not self.users_of(booking.calendar, now):
            return "R14"
        if not self.users_of(booking.calendar, booking.at):
            return "R13" if booking.at < first else "R14"
        return "imported"

    def delete_agreed(self, now: int) -> None:
        """Remove the appointments of calendars that everybody left with "delete" (R18)."""
        for calendar in {name for name, _ in self.choices}:
            votes = {choice for (name, _), choice in self.choices.items() if name == calendar}
            if not self.users_of(calendar, now) and votes == {"delete"}:
                self.there = {n: owner for n, owner in self.there.items() if self.made[n].calendar != calendar}

    def assigned(self, guest: str) -> str | None:
        """Return the owner of the guest's booking that was made last, deleted ones included (R10)."""
        booked = [one for one in self.made.values() if one.guest == guest and one.number in self.ever]
        return self.ever[max(booked, key=lambda one: one.at).number] if booked else None
