"""What happens in the demo: who connects what, who books, who changes their mind."""

import uuid
from dataclasses import dataclass, field

import httpx2

from devstack.calendly.admin_client import Account, Booked, CalendlyAdmin
from devstack.system import System


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One booking: what it is called here, its invitee at Calendly, and what must come of it."""

    title: str
    invitee: str
    calendar: str
    email: str
    shared: bool


@dataclass(kw_only=True)
class Story:
    """The demo's cast and its bookings."""

    subaccount: str = field(default_factory=lambda: str(uuid.uuid4()))
    users: dict[str, str] = field(default_factory=dict[str, str])
    chapters: list[Chapter] = field(default_factory=list[Chapter])
    cancelled: int = 0


class Narrator:
    """Makes the story happen, through the same interfaces that everybody has."""

    def __init__(self, system: System, admin: CalendlyAdmin, http: httpx2.AsyncClient) -> None:
        self._system = system
        self._admin = admin
        self._http = http
        self.story = Story()
        self.intro = ""

    async def connect(self) -> None:
        """Two users connect their accounts and select calendars: one of their own, two that are shared."""
        organization = await self._admin.organization(name="Harbour Studio", plan="teams")
        ingrid = await self._admin.user(organization, "Ingrid Solheim", role="owner")
        tomas = await self._admin.user(organization, "Tomas Quiroga")
        both = [ingrid, tomas]
        self.intro = await self._admin.event_type(organization, "Intro call", hosts=[ingrid], owner=ingrid.uri)
        self._demo = await self._admin.event_type(organization, "Product demo", hosts=both, pooling_type="round_robin")
        self._workshop = await self._admin.event_type(organization, "Workshop", hosts=both, kind="group", limit=8)
        await self._connect("Ingrid", ingrid, [self.intro, self._demo, self._workshop])
        await self._connect("Tomas", tomas, [self._demo, self._workshop])

    async def book(self) -> None:
        """A 1:1, a round robin, three guests of one group event, a cancellation, a rescheduling."""
        (intro,) = await self._admin.book(self.intro, ("Priya Raman", "Priya.Raman@oakline.example"))
        self._tell("1:1", intro, self.intro, "Priya.Raman@oakline.example", shared=False)
        (first,) = await self._admin.book(self._demo, ("Marcus Oyelaran", "marcus@oakline.example"))
        self._tell("round robin", first, self._demo, "marcus@oakline.example", shared=True)
        guests = [
            ("Lena Vogt", "lena@fjord.example"),
            ("Sam Idowu", "sam@fjord.example"),
            ("Mio Sato", "mio@fjord.example"),
        ]
        seats = await self._admin.book(self._workshop, *guests, together=True)
        for number, (seat, (_, email)) in enumerate(zip(seats, guests, strict=True), start=1):
            self._tell(f"group event, guest {number} of 3", seat, self._workshop, email, shared=True)
        await self._admin.cancel(seats[1].invitee)
        self.story.cancelled = 1
        second = await self._admin.reschedule(first.invitee)
        self._tell("round robin, rescheduled", second, self._demo, "marcus@oakline.example", shared=True)

    def _tell(self, title: str, booked: Booked, calendar: str, email: str, *, shared: bool) -> None:
        chapter = Chapter(title=title, invitee=booked.invitee, calendar=calendar, email=email, shared=shared)
        self.story.chapters.append(chapter)

    async def _connect(self, name: str, account: Account, calendars: list[str]) -> None:
        self.story.users[name] = str(uuid.uuid4())
        base = f"{self._system.ingest_url}/v1/subaccounts/{self.story.subaccount}/connections"
        body = {"user_id": self.story.users[name], "personal_access_token": account.token}
        connected = await self._http.post(base, json=body)
        connected.raise_for_status()
        selected = await self._http.put(f"{base}/{connected.json()['id']}/calendars", json={"selected": calendars})
        selected.raise_for_status()
