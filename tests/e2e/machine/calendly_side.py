"""What stands at Calendly while the machine runs: two accounts, two calendars, and the bookings that guests make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from devstack.calendly.admin_client import Account, CalendlyAdmin
from tests.support.rules_model import Made

USERS = {"ingrid": "ahlen", "tomas": "berg"}
"""Who connects which Calendly account."""
LEADER = "ahlen"
"""The account whose token may list what others host."""
OFFERS = {"ahlen": {"intro", "demo"}, "berg": {"demo"}}
"""The calendars of each account: the intro call is ahlen's own, the demo is shared."""


def now() -> datetime:
    """Return the time. What is done to the system has ended before the next thing begins, so the order is certain."""
    return datetime.now(UTC)


@dataclass(kw_only=True)
class CalendlySide:
    """Accounts, calendars and bookings. No delivery comes but those that are asked for."""

    admin: CalendlyAdmin
    accounts: Mapping[str, Account]
    calendars: Mapping[str, str]
    made: dict[int, Made] = field(default_factory=dict[int, Made])
    invitees: dict[int, str] = field(default_factory=dict[int, str])
    active: set[int] = field(default_factory=set[int])
    first_start: datetime = field(default_factory=lambda: now().replace(microsecond=0) + timedelta(days=1))

    @classmethod
    async def begin(cls, admin: CalendlyAdmin) -> Self:
        """Make the accounts and calendars."""
        organization = await admin.organization(plan="teams")
        ahlen = await admin.user(organization, "Ingrid Ahlen", role="admin")
        berg = await admin.user(organization, "Tomas Berg")
        intro = await admin.event_type(organization, "Intro call", owner=ahlen.uri, hosts=[ahlen])
        demo = await admin.event_type(organization, "Product demo", hosts=[ahlen, berg])
        await admin.behave(drop_next=1_000_000)
        return cls(admin=admin, accounts={"ahlen": ahlen, "berg": berg}, calendars={"intro": intro, "demo": demo})

    async def book(self, calendar: str, person: str | None, host: str | None) -> Made:
        """Book for a person, or without an e-mail address, with one host or all."""
        hosts = frozenset(one for one, offers in OFFERS.items() if calendar in offers and host in {one, None})
        made = self._next(calendar, person, hosts)
        facts = {"start_time": made.starts.isoformat(), "created_at": made.at.isoformat(), **self._host(hosts)}
        guest = (f"{person or 'nobody'} {made.number}", f"{person}@guest.example" if person else "")
        (booked,) = await self.admin.book(self.calendars[calendar], guest, **facts)
        return self._note(made, booked.invitee)

    async def reschedule(self, number: int) -> Made:
        """End a booking and make another one (R7)."""
        old = self.made[number]
        made = self._next(old.calendar, old.person, old.hosts)
        facts = {"start_time": made.starts.isoformat(), **self._host(old.hosts)}
        booked = await self.admin.reschedule(self.invitees[number], **facts)
        self.active.remove(number)
        return self._note(made, booked.invitee)

    async def cancel(self, number: int) -> None:
        """End a booking (R7)."""
        await self.admin.cancel(self.invitees[number])
        self.active.remove(number)

    def listed_for(self, account: str) -> list[Made]:
        """Return the active bookings that an account's token may list."""
        active = [self.made[number] for number in sorted(self.active)]
        return [one for one in active if account in one.hosts or (account == LEADER and one.calendar == "demo")]

    def _next(self, calendar: str, person: str | None, hosts: frozenset[str]) -> Made:
        number = len(self.made) + 1
        starts = self.first_start + timedelta(minutes=number)
        return Made(number=number, calendar=calendar, person=person, at=now(), starts=starts, hosts=hosts)

    def _host(self, hosts: frozenset[str]) -> dict[str, str]:
        return {"host": self.accounts[min(hosts)].uri} if len(hosts) == 1 else {}

    def _note(self, made: Made, invitee: str) -> Made:
        self.made[made.number], self.invitees[made.number] = made, invitee
        self.active.add(made.number)
        return made
