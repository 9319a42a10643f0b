"""Connections as the API shows them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from domain.calendar import Calendar
from domain.connection import Connection
from domain.removal import waited_for
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.edit_selection import load_calendars
from services.ingest.connections.progress import Progress, under_way
from services.ingest.connections.read_calendars import calendars_known
from services.ingest.connections.rows import Row


class Removal(BaseModel):
    """A deletion that waits for the other users of a shared calendar (R18)."""

    waiting_for: list[UUID]


class CalendarView(BaseModel):
    """A calendar of the account; `removal` is null unless this user's "delete" waits for others.

    `progress` is there only while its appointments are being deleted or brought back.
    """

    uri: str
    name: str
    kind: Literal["personal", "shared"]
    selected: bool
    selected_at: datetime | None
    removal: Removal | None
    progress: Progress | None = None


class ConnectionSummary(BaseModel):
    """A connection."""

    id: UUID
    user_id: UUID
    calendly_user_uri: str
    plan: str
    state: Literal["connected", "needs_reconnect", "plan_refused"]


class ConnectionView(ConnectionSummary):
    """A connection with its calendars."""

    calendars: list[CalendarView]


class ConnectionList(BaseModel):
    """All connections of a subaccount."""

    items: list[ConnectionSummary]


def summary(row: Row) -> ConnectionSummary:
    """Return a connection without its calendars."""
    return ConnectionSummary.model_validate(row, from_attributes=True)


async def view(deps: Dependencies, row: Row) -> ConnectionView:
    """Return a connection with the calendars that the account has or the connection ever selected."""
    labels = await calendars_known(deps, row)
    connection = (await deps.store.load(Connection, [row.id]))[row.id]
    calendars = await load_calendars(deps.store, row.subaccount_id, connection.ever_selected)
    for uri, calendar in calendars.items():
        if uri not in labels and calendar.label is not None:
            labels[uri] = calendar.label
    working = await under_way(deps.pool, row.subaccount_id)
    shown = [
        CalendarView(
            uri=label.uri,
            name=label.name,
            kind=label.kind,
            selected=uri in connection.selected,
            selected_at=connection.selected.get(uri),
            removal=_removal(calendars.get(uri), row.user_id),
            **({"progress": working[uri]} if uri in working else {}),
        )
        for uri, label in labels.items()
    ]
    return ConnectionView(**summary(row).model_dump(), calendars=shown)


def _removal(calendar: Calendar | None, user_id: UUID) -> Removal | None:
    waiting = waited_for(calendar, user_id) if calendar is not None else None
    return Removal(waiting_for=waiting) if waiting else None
