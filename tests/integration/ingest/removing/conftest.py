"""A studio whose bookings are imported, and whose deletions are worked off when a test says so."""

import secrets
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from prometheus_client import CollectorRegistry

from domain import ids
from domain.booking import BookingDeleted
from domain.recorded import Recorded
from services.ingest.event_store import EventStore
from services.ingest.importing.importer import Importer
from services.ingest.inbox.inbox import Inbox
from services.ingest.notices import listen
from services.ingest.removing.loop import RemovalLoop
from services.ingest.removing.removals import Removals
from services.ingest.removing.remove_appointments import RemoveAppointments
from tests.integration.ingest.connections.conftest import Studio, ingest, stand_in, studio
from tests.support.payloads import API, body, invitee_created

__all__ = ["ingest", "stand_in", "studio"]

_ARRIVES = """
INSERT INTO ingest.inbox (id, connection_id, received_at, event, invitee_uri, body, state)
VALUES ($1, $2, now(), 'invitee.created', $3, $4, 'waiting')
"""


@dataclass(kw_only=True)
class Scene:
    """What happens to one studio's appointments."""

    studio: Studio
    database_url: str

    async def booked(self, connection: str, calendar: str, count: int) -> list[str]:
        """Let bookings of a calendar arrive and be imported; return the invitees' URIs."""
        invitees = [f"{API}/scheduled_events/S1/invitees/{uuid4()}" for _ in range(count)]
        await self.delivered(connection, calendar, invitees)
        return invitees

    async def delivered(
        self, connection: str, calendar: str, invitees: Sequence[str], *, store: EventStore | None = None
    ) -> None:
        """Let deliveries of these invitees arrive and be settled."""
        now = datetime.now(UTC).isoformat()
        rows = [
            (uuid4(), UUID(connection), uri, body(_booking(uri, calendar, booked_at=now))) for uri in invitees
        ]  # fmt: skip
        await self.studio.ingest.pool.executemany(_ARRIVES, rows)
        inbox = Inbox(self.studio.ingest.pool)
        importer = Importer(store=store or self.studio.ingest.store, inbox=inbox, clock=_now, draw=secrets.choice)
        while await importer.import_waiting():
            pass

    def remover(
        self, *, batch: int = 200, removals: Removals | None = None, store: EventStore | None = None
    ) -> RemoveAppointments:
        """Return what removes, not running."""
        ingest = self.studio.ingest
        removals = removals or Removals(ingest.pool)
        return RemoveAppointments(store=store or ingest.store, removals=removals, clock=_now, batch=batch)

    async def remove_all(self) -> None:
        """Work off everything that is open."""
        remover = self.remover()
        while await remover.one_round() is not None:
            pass

    @asynccontextmanager
    async def loop(self, *, batch: int) -> AsyncIterator[RemovalLoop]:
        """Open what a process would run: a store and a loop of its own."""
        async with (
            EventStore.open(self.database_url) as store,
            listen(self.database_url, "removals") as notices,
        ):
            yield RemovalLoop(self.remover(batch=batch, store=store), notices, CollectorRegistry())

    async def history(self, invitees: Sequence[str]) -> dict[str, list[Recorded]]:
        """Return the events of these invitees' appointments."""
        by_id = {ids.booking_id(subaccount_id=self.studio.subaccount, invitee_uri=uri): uri for uri in invitees}
        events = await self.studio.ingest.store.events_of(list(by_id))
        return {uri: events.get(one, []) for one, uri in by_id.items()}

    async def deletions(self, invitees: Sequence[str]) -> Counter[int]:
        """Return how many of these appointments were deleted how often."""
        histories = (await self.history(invitees)).values()
        return Counter(sum(isinstance(event, BookingDeleted) for event in events) for events in histories)

    async def order(self, calendar: str) -> dict[str, Any] | None:
        """Return where a calendar's deletion stands; None where none was ordered."""
        calendar_id = ids.calendar_id(subaccount_id=self.studio.subaccount, calendar_uri=calendar)
        statement = "SELECT reason, done, total, outcome FROM ingest.removals WHERE calendar_id = $1"
        row = await self.studio.ingest.pool.fetchrow(statement, calendar_id)
        return dict(row) if row else None


def _booking(invitee: str, calendar: str, *, booked_at: str) -> dict[str, Any]:
    return invitee_created(uri=invitee, created_at=booked_at, scheduled_event={"event_type": calendar})


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def scene(studio: Studio, database_url: str) -> Scene:
    return Scene(studio=studio, database_url=database_url)
