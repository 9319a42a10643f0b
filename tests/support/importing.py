"""Deliveries that are imported on a real database, without HTTP and without a Calendly."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from domain import ids
from domain.booking import CalendarKind
from domain.calendar import Calendar
from domain.connection import CalendarLabel, Connection, SyncedEvents
from domain.recorded import Aggregate, Context, Recorded
from domain.selecting import edit_selection
from services.ingest.connections.rows import Row, inserted
from services.ingest.event_store import EventStore
from services.ingest.importing.importer import Importer
from services.ingest.inbox.deliveries import Delivery
from services.ingest.inbox.inbox import Inbox
from services.runtime.database import pool as database_pool
from tests.support.payloads import API, body, invitee_created

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
"""When calendars are selected; bookings are made after it."""
NOON = NINE + timedelta(hours=3)
"""When deliveries are imported."""

_ARRIVES = """
INSERT INTO ingest.inbox (id, connection_id, received_at, event, invitee_uri, body, state)
VALUES ($1, $2, $3, $4, $5, $6, 'waiting')
"""


@dataclass(kw_only=True)
class Imports:
    """One subaccount, and what is delivered to it."""

    pool: asyncpg.Pool
    store: EventStore
    subaccount: UUID = field(default_factory=uuid4)
    connections: list[UUID] = field(default_factory=list[UUID])

    async def connected(self, *calendars: str, kind: CalendarKind = "personal", user: UUID | None = None) -> UUID:
        """Connect an account of its own and select calendars at nine; return the connection's id."""
        connection = Connection(uuid4())
        account = f"{API}/users/{connection.id}"
        user_id = user or uuid4()
        connection.connect(
            _at(NINE), subaccount_id=self.subaccount, user_id=user_id, calendly_user_uri=account, plan="teams"
        )
        await self.store.save([connection], also=inserted(_row(connection), ()))
        self.connections.append(connection.id)
        await self.select(connection.id, *calendars, kind=kind)
        return connection.id

    async def select(
        self,
        connection_id: UUID,
        *calendars: str,
        kind: CalendarKind = "personal",
        removed: Mapping[str, SyncedEvents] | None = None,
        at: datetime = NINE,
    ) -> None:
        """Set a connection's whole selection."""
        connection = (await self.store.load(Connection, [connection_id]))[connection_id]
        by_uri = {uri: self.calendar_id(uri) for uri in {*calendars, *(removed or {}), *connection.selected}}
        loaded = await self.store.load(Calendar, by_uri.values())
        edit_selection(
            _at(at),
            connection,
            {uri: loaded[one] for uri, one in by_uri.items()},
            selected=frozenset(calendars),
            removed=removed or {},
            labels={uri: CalendarLabel(uri=uri, name="Intro call", kind=kind) for uri in calendars},
        )
        await self.store.save([connection, *loaded.values()])

    async def arrives(self, connection_id: UUID, *deliveries: dict[str, Any] | bytes) -> list[UUID]:
        """Store deliveries as intake would, the first one first; return their ids."""
        found = [uuid4() for _ in deliveries]
        for one, delivery in zip(found, deliveries, strict=True):
            told = delivery if isinstance(delivery, dict) else {"event": "invitee.created", "payload": {}}
            raw = body(delivery) if isinstance(delivery, dict) else delivery
            uri = told["payload"].get("uri")
            await self.pool.execute(_ARRIVES, one, connection_id, NOON, told["event"], uri, raw)
        return found

    def importer(self, *, store: EventStore | None = None, only: Iterable[UUID] = (), draw: Any = min) -> Importer:
        """Return an importer that works at noon; `only` names the deliveries that it sees, where not all."""
        inbox = Only(self.pool, frozenset(only))
        return Importer(store=store or self.store, inbox=inbox, clock=lambda: NOON, draw=draw)

    async def import_all(self, **given: Any) -> None:
        """Import until nothing waits."""
        importer = self.importer(**given)
        while await importer.import_waiting():
            pass

    async def became(self) -> list[tuple[str | None, str | None]]:
        """Return outcome and rule of the subaccount's deliveries, in the order of arrival."""
        statement = "SELECT outcome, rule FROM ingest.inbox WHERE connection_id = ANY($1) ORDER BY seq"
        return [tuple(row) for row in await self.pool.fetch(statement, self.connections)]

    async def history(self, aggregate_id: UUID) -> list[Recorded]:
        """Return an aggregate's events."""
        return (await self.store.events_of([aggregate_id])).get(aggregate_id, [])

    def calendar_id(self, uri: str) -> UUID:
        """Return a calendar's id."""
        return ids.calendar_id(subaccount_id=self.subaccount, calendar_uri=uri)

    def booking_id(self, number: int) -> UUID:
        """Return the id of the first appointment of a booking."""
        return ids.booking_id(subaccount_id=self.subaccount, invitee_uri=invitee(number))

    def contact_id(self, address: str) -> UUID:
        """Return the id of the contact with a folded address."""
        return ids.contact_id(subaccount_id=self.subaccount, address=address)


def _row(connection: Connection) -> Row:
    facts = connection.facts
    return Row(
        id=connection.id,
        subaccount_id=facts.subaccount_id,
        user_id=facts.user_id,
        calendly_user_uri=facts.calendly_user_uri,
        organization_uri=f"{API}/organizations/AAAA",
        plan=facts.plan,
        state="connected",
        token=b"sealed",
        signing_keys=[b"sealed"],
        subscription_uri=None,
        connected_at=NINE,
        calendars_read_at=NINE,
    )


class Only(Inbox):
    """An inbox of which one importer sees some deliveries only."""

    def __init__(self, pool: asyncpg.Pool, only: frozenset[UUID]) -> None:
        super().__init__(pool)
        self._only = only

    async def waiting(self, limit: int, *, after: int = 0) -> list[Delivery]:
        """Return the oldest deliveries that wait and may be seen."""
        return [one for one in await super().waiting(limit, after=after) if not self._only or one.id in self._only]


class Paused(EventStore):
    """An event store that stops before its first save, with everything read and decided, until it may go on."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.reached, self.go_on, self.saves = asyncio.Event(), asyncio.Event(), 0

    async def save(self, aggregates: Iterable[Aggregate], **more: Any) -> None:
        """Save, when it may."""
        self.saves += 1
        self.reached.set()
        await self.go_on.wait()
        await super().save(aggregates, **more)


@asynccontextmanager
async def open_imports(database_url: str) -> AsyncIterator[Callable[[], Imports]]:
    """Open a migrated database; yield what makes subaccounts."""
    async with database_pool(database_url) as pool, EventStore.open(database_url) as store:
        yield lambda: Imports(pool=pool, store=store)


def invitee(number: int) -> str:
    """Return the URI of an invitee."""
    return f"{API}/scheduled_events/S{number}/invitees/I{number}"


def calendar(number: int = 1) -> str:
    """Return the URI of a calendar."""
    return f"{API}/event_types/E{number}"


def booking(number: int, *, of: str = calendar(), **changes: Any) -> dict[str, Any]:
    """Return the delivery of a booking made so many minutes after nine, on an event of its own, so many days later."""
    scheduled = {
        "uri": f"{API}/scheduled_events/S{number}",
        "event_type": of,
        "start_time": (NINE + timedelta(days=number)).isoformat(),
        "end_time": (NINE + timedelta(days=number, minutes=30)).isoformat(),
        **changes.pop("scheduled_event", {}),
    }
    facts = {"uri": invitee(number), "created_at": (NINE + timedelta(minutes=number)).isoformat(), **changes}
    return invitee_created(scheduled_event=scheduled, **facts)


def kinds(events: Sequence[Recorded]) -> list[str]:
    """Return the names of events."""
    return [type(one).__name__ for one in events]


def _at(moment: datetime) -> Context:
    return Context(at=moment, cause="command", cause_id=uuid4())
