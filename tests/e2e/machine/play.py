"""One subaccount of the running system beside the model of the rules: whatever is done to one is done to the other."""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from devstack.system import run_command
from tests.e2e.machine.calendly_side import USERS, CalendlySide, now
from tests.support.rules_model import Appointment, Made, RulesModel
from tests.support.scene import Scene, until

Via = Literal["webhook", "reconciliation", "reconnect"]

_OPEN = """
SELECT EXISTS (SELECT FROM ingest.restores WHERE subaccount_id = $1 AND outcome IS NULL)
    OR EXISTS (SELECT FROM ingest.removals WHERE subaccount_id = $1 AND outcome IS NULL)
"""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A booking that must have become an appointment."""

    made: Made
    via: Via
    candidates: set[str]


@dataclass(kw_only=True)
class Play:
    """A subaccount with two users."""

    scene: Scene
    calendly: CalendlySide
    user_ids: Mapping[str, str] = field(default_factory=lambda: {user: str(uuid.uuid4()) for user in USERS})
    model: RulesModel = field(default_factory=RulesModel)
    connections: dict[str, str] = field(default_factory=dict[str, str])
    told: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    """The connections that Calendly has a delivery for, by booking."""
    expected: list[Expected] = field(default_factory=list[Expected])
    candidates: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """Among whom each appointment's owner was chosen, by appointment."""

    async def connect(self, user: str) -> None:
        """Connect a user's account."""
        token = self.calendly.accounts[USERS[user]].token
        body = {"user_id": self.user_ids[user], "personal_access_token": token}
        answer = await self.scene.http.post(self._connections(), json=body)
        assert answer.status_code == 201, answer.text
        self.connections[user] = answer.json()["id"]
        self.model.connect(now(), user, USERS[user])

    async def select(self, user: str, wanted: set[str], choice: str) -> None:
        """Make a selection the whole one; what everybody left goes, what was selected before comes back (R15, R18)."""
        before, uris = self.model.selected_by(user, now()), self.calendly.calendars
        removed = {uris[one]: choice for one in before - wanted}
        body = {"selected": sorted(uris[one] for one in wanted), "removed": removed}
        answer = await self.scene.http.put(f"{self._connections()}/{self.connections[user]}/calendars", json=body)
        assert answer.status_code == 200, answer.text
        at = now()
        again = {one for one in wanted - before if self.model.first_selected(one) is not None}
        for calendar in before - wanted:
            self.model.leave(at, calendar, user, choice)
        for calendar in wanted - before:
            self.model.select(at, calendar, user)
        self._remove(at)
        for calendar in again:
            self._restore(calendar, at)

    async def disconnect(self, user: str, choice: str) -> None:
        """Disconnect (R17)."""
        url = f"{self._connections()}/{self.connections.pop(user)}"
        answer = await self.scene.http.delete(url, params={"synced_events": choice})
        assert answer.status_code == 204, answer.text
        at = now()
        self.model.disconnect(at, user, choice)
        self._remove(at)

    def note(self, made: Made) -> None:
        """Note whom Calendly tells of a new booking."""
        self.told[made.number] = {one for user, one in self.connections.items() if USERS[user] in made.hosts}

    async def deliver(self, number: int, times: int) -> None:
        """Deliver all that there is of a booking, to each of its hosts who was connected and still is."""
        if not self.told[number]:
            return
        await self.scene.admin.redeliver(self.calendly.invitees[number], times=times)
        made, at = self.calendly.made[number], now()
        reached = self.told[number] & set(self.connections.values())
        if reached and not self._known(number) and not self.model.held_back(made, at):
            self._expect(made, "webhook", at)

    async def reconcile(self, user: str) -> None:
        """Compare a user's account with Calendly by command."""
        command = ["reconcile", "--connection", self.connections[user], "--json"]
        await asyncio.to_thread(run_command, command, self.scene.system.environment)
        at, finder = now(), USERS[user]
        for made in self.calendly.listed_for(finder):
            if not self._known(made.number) and not self.model.not_missed(made, at, finder=finder, reselected=()):
                self._expect(made, "reconciliation", at)

    def unknown(self) -> list[Made]:
        """Return the active bookings that are no appointments."""
        return [self.calendly.made[one] for one in sorted(self.calendly.active) if not self._known(one)]

    async def compare(self) -> None:
        """Wait until all is done, and compare what the read API shows with the model."""
        await until(self._settled, "everything was imported, restored, removed and projected")
        rows = {datetime.fromisoformat(one["starts_at"]): one for one in await self._read("appointments")}
        for one in self.expected:
            assert one.made.starts in rows, f"missing: {one}"
            row = rows[one.made.starts]
            owner = self._name(row["owner_user_id"])
            assert (owner in one.candidates, row["via"]) == (True, one.via), f"{row} of {one}"
            self.model.appointments.append(Appointment(booking=one.made, owner=owner))
            self.candidates[row["id"]] = one.candidates
        self.expected.clear()
        there = {self.calendly.made[number].starts: owner for number, owner in self.model.there().items()}
        assert {starts: self._name(row["owner_user_id"]) for starts, row in rows.items()} == there
        await self._compare_contacts()

    async def compare_topics(self) -> None:
        """Compare the candidates on the topics with those of the model: one draw for each appointment (R12)."""
        assigned = [one for one in await self.scene.on_topics() if one.type == "OwnerAssigned"]
        drawn = [(one.subject, {self._name(user) for user in one.data["candidates"]}) for one in assigned]
        assert len(drawn) == len(self.candidates)
        assert dict(drawn) == self.candidates

    async def _compare_contacts(self) -> None:
        had = {one.booking.person for one in self.model.appointments if one.booking.person}
        contacts = {one["email"].partition("@")[0]: one for one in await self._read("contacts")}
        assert set(contacts) == had
        for person, contact in contacts.items():
            assert self._name(contact["assigned_user_id"]) in {one.owner for one in self.model.latest(person)}
            living = [n for n in self.model.there() if self.calendly.made[n].person == person]
            assert contact["appointment_count"] == len(living)

    def _remove(self, at: datetime) -> None:
        for one in self.model.appointments:
            one.deleted = one.deleted or self.model.agreed(one.booking.calendar, at)

    def _restore(self, calendar: str, at: datetime) -> None:
        for user in self.model.users_of(calendar, at):
            finder = USERS[user]
            for made in self.calendly.listed_for(finder):
                there = made.number in self.model.there() or made in [one.made for one in self.expected]
                back = not self.model.not_restored(made, at, finder=finder, reselected=at)
                if made.calendar == calendar and not there and back:
                    self._expect(made, "reconnect", at)

    def _known(self, number: int) -> bool:
        return bool(self.model.of(number)) or number in {one.made.number for one in self.expected}

    def _expect(self, made: Made, via: Via, at: datetime) -> None:
        candidates = self.model.users_of(made.calendar, at)
        self.expected.append(Expected(made=made, via=via, candidates=candidates))

    def _name(self, user_id: str) -> str:
        return next(user for user, known in self.user_ids.items() if known == user_id)

    def _connections(self) -> str:
        return f"{self.scene.system.ingest_url}/v1/subaccounts/{self.scene.subaccount}/connections"

    async def _read(self, what: str) -> list[dict[str, Any]]:
        url = f"{self.scene.system.projector_url}/v1/subaccounts/{self.scene.subaccount}/{what}"
        answer = await self.scene.http.get(url, params={"limit": 100})
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def _settled(self) -> bool:
        if await self.scene.database.fetchval(_OPEN, uuid.UUID(self.scene.subaccount)):
            return False
        return await self.scene.has_caught_up()
