"""A studio whose bookings come by no delivery, and what compares and restores when a test says so."""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from devstack.calendly.admin_client import Booked
from domain import ids
from domain.booking import BookingImported, OwnerAssigned
from domain.recorded import Recorded
from services.ingest.calendly.client import Calendly, open_calendly
from services.ingest.connections.rows import Row, Rows
from services.ingest.reconciling.decide import Decision
from services.ingest.reconciling.dry_run import would_reconcile
from services.ingest.reconciling.reconcile_connection import ReconcileConnection
from services.ingest.reconciling.restore_calendar import RestoreCalendar
from services.ingest.reconciling.scope import row_of
from services.ingest.reconciling.tools import Tools
from services.ingest.removing.removals import Removals
from services.ingest.removing.remove_appointments import RemoveAppointments
from services.ingest.secrets.vault import Vault
from tests.integration.ingest.connections.conftest import Studio, ingest, stand_in, studio

__all__ = ["ingest", "stand_in", "studio"]

EVERY = timedelta(minutes=5)
LENA = ("Lena Vogt", "lena@mail.example")


@dataclass(kw_only=True)
class Scene:
    """What is booked at one studio, and found."""

    studio: Studio
    tools: Tools

    async def missed(self, calendar: str, **facts: Any) -> Booked:
        """Book so that no delivery tells of it."""
        (booked,) = await self.studio.admin.book(calendar, LENA, silently=True, **facts)
        return booked

    async def row(self, connection: str) -> Row:
        """Return a connection's row."""
        row = await row_of(self.tools, UUID(connection))
        assert row is not None
        return row

    async def reconcile(
        self, connection: str, *, tools: Tools | None = None, batch: int = 50, **more: Any
    ) -> list[Decision]:
        """Compare a connection now."""
        use_case = ReconcileConnection(tools or self.tools, every=EVERY, batch=batch, **more)
        return await use_case.run(await self.row(connection), anew=True)

    async def would_reconcile(self, connection: str) -> dict[str, tuple[str, str]]:
        """Return what a dry run says of each invitee: the outcome and the rule."""
        row = await self.row(connection)
        return by_invitee([one async for one in would_reconcile(self.tools, row)])

    async def restore(self, *, tools: Tools | None = None, batch: int = 50) -> int:
        """Work on every open restoration of the subaccount; return how many bookings came back."""
        statement = "SELECT id FROM ingest.restores WHERE subaccount_id = $1 AND outcome IS NULL ORDER BY reselected_at"
        orders = await self.tools.pool.fetch(statement, self.studio.subaccount)
        use_case = RestoreCalendar(tools or self.tools, again_in=EVERY, batch=batch)
        return sum([await use_case.run(one["id"]) for one in orders])

    async def restores(self) -> list[dict[str, Any]]:
        """Return where the subaccount's restorations stand, oldest first."""
        statement = (
            "SELECT outcome, found, imported FROM ingest.restores WHERE subaccount_id = $1 ORDER BY reselected_at"
        )
        return [dict(row) for row in await self.tools.pool.fetch(statement, self.studio.subaccount)]

    async def remove_all(self) -> None:
        """Work off every deletion that was agreed on."""
        tools = self.tools
        remover = RemoveAppointments(store=tools.store, removals=Removals(tools.pool), clock=tools.clock)
        while await remover.one_round() is not None:
            pass

    async def events_of(self, booking_id: UUID) -> list[Recorded]:
        """Return an appointment's events."""
        return (await self.tools.store.events_of([booking_id])).get(booking_id, [])

    def first_id(self, booked: Booked) -> UUID:
        """Return the id of a booking's first appointment."""
        return ids.booking_id(subaccount_id=self.studio.subaccount, invitee_uri=booked.invitee)

    async def contact_of(self, booked: Booked) -> tuple[UUID | None, UUID]:
        """Return the contact and the owner of a booking's first appointment."""
        imported, assigned = await self.events_of(self.first_id(booked))
        assert isinstance(imported, BookingImported)
        assert isinstance(assigned, OwnerAssigned)
        return imported.contact_id, assigned.owner_user_id

    async def via(self, booked: Booked) -> list[tuple[str, str]]:
        """Return by which way, and for which kind of cause, each appointment of a booking was imported."""
        found, booking_id = list[tuple[str, str]](), self.first_id(booked)
        while events := await self.events_of(booking_id):
            found += [(one.via, one.cause) for one in events if isinstance(one, BookingImported)]
            booking_id = ids.next_booking_id(booking_id)
        return found

    def with_calendly(self, wrap: Callable[[Calendly], Any]) -> Tools:
        """Return the tools with another Calendly before the real one."""

        async def calendly_of(row: Row) -> Any:
            return wrap(await self.tools.calendly_of(row))

        return replace(self.tools, calendly_of=calendly_of)


def by_invitee(decisions: Sequence[Decision]) -> dict[str, tuple[str, str]]:
    return {one.booked.invitee_uri: (one.outcome.kind, one.outcome.rule) for one in decisions}


@asynccontextmanager
async def _tools(studio: Studio, calendly_url: str) -> AsyncIterator[Tools]:
    vault = Vault((b"k" * 32,))
    async with open_calendly(calendly_url, patience=0.5) as calendly:

        async def calendly_of(row: Row) -> Calendly:
            return calendly(vault.open(row.token, owner=row.id).decode())

        yield Tools(
            pool=studio.ingest.pool,
            store=studio.ingest.store,
            rows=Rows(studio.ingest.pool),
            calendly_of=calendly_of,
            clock=lambda: datetime.now(UTC),
            draw=secrets.choice,
        )


@pytest.fixture
async def scene(studio: Studio, stand_in: Any) -> AsyncIterator[Scene]:
    async with _tools(studio, stand_in.url) as tools:
        yield Scene(studio=studio, tools=tools)
