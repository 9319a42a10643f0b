"""What a connection is compared for: the calendars that its subaccount has selected, and since when it may sync."""

from dataclasses import dataclass
from uuid import UUID

from domain.connection import Connection
from domain.reconcile import Finder
from services.ingest.connections.edit_selection import load_calendars
from services.ingest.connections.rows import Row
from services.ingest.reconciling.tools import Tools

_FIRST = "SELECT min(connected_at) FROM ingest.connections WHERE subaccount_id = $1 AND calendly_user_uri = $2"

_CONNECTED = "SELECT id FROM ingest.connections WHERE state = 'connected' ORDER BY connected_at, id"

_SUBACCOUNT = "SELECT subaccount_id FROM ingest.connections WHERE id = $1"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The finder of bookings, and the URIs of the calendars that anybody in the subaccount has selected now.

    `shared` tells whether one of them is: then bookings count whoever hosts them.
    """

    finder: Finder
    calendars: frozenset[str]
    shared: bool


async def row_of(tools: Tools, connection_id: UUID) -> Row | None:
    """Return a connection whatever its subaccount; None where there is none, or it is disconnected."""
    subaccount_id = await tools.pool.fetchval(_SUBACCOUNT, connection_id)
    return await tools.rows.one(subaccount_id, connection_id) if subaccount_id else None


async def connected_rows(tools: Tools) -> list[Row]:
    """Return all connections that can be compared, oldest first."""
    found = [await row_of(tools, one["id"]) for one in await tools.pool.fetch(_CONNECTED)]
    return [row for row in found if row is not None]


async def finder_of(tools: Tools, row: Row, connection: Connection) -> Finder:
    """Return whose token finds the bookings."""
    first = await tools.pool.fetchval(_FIRST, row.subaccount_id, row.calendly_user_uri)
    return Finder(connection=connection, first_connected_at=first)


async def scope_of(tools: Tools, row: Row) -> Scope:
    """Return what a connection is compared for: nothing once it has ended.

    A booking counts when any connected user has its calendar selected, whoever's token finds it (DESIGN 2).
    """
    others = [one.id for one in await tools.rows.of_subaccount(row.subaccount_id)]
    connections = await tools.store.load(Connection, [row.id, *others])
    finder = await finder_of(tools, row, connections[row.id])
    if not connections[row.id].active:
        return Scope(finder=finder, calendars=frozenset(), shared=False)
    uris = {uri for one in connections.values() if one.active for uri in one.selected}
    calendars = await load_calendars(tools.store, row.subaccount_id, uris)
    shared = any(one.label is not None and one.label.kind == "shared" for one in calendars.values())
    return Scope(finder=finder, calendars=frozenset(uris), shared=shared)
