"""Edit which calendars a connection has selected (R3, R13, R14, R16); the whole edit succeeds or nothing changes."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from domain import ids
from domain.calendar import Calendar
from domain.connection import CalendarLabel, Connection, SyncedEvents
from domain.recorded import Context
from domain.selecting import edit_selection
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.races import decided
from services.ingest.connections.read_calendars import calendars_known
from services.ingest.connections.rows import Row
from services.ingest.event_store import EventStore
from services.ingest.reconciling.restores import ordered
from services.ingest.removing.agree import agreed


@dataclass(frozen=True, kw_only=True)
class EditSelection:
    """The command: `selected` is the whole selection, `removed` the choice for each calendar that leaves it."""

    selected: frozenset[str]
    removed: Mapping[str, SyncedEvents]


async def edit(deps: Dependencies, row: Row, command: EditSelection, context: Context) -> None:
    """Make the selection as commanded. Raises the refusals of `domain.selecting`, and CalendlyError where a calendar
    is not known yet and Calendly cannot be asked.
    """
    connection = (await deps.store.load(Connection, [row.id]))[row.id]
    labels = await calendars_known(deps, row, needed=command.selected - set(connection.selected))
    await decided(lambda: _decide_and_save(deps, row, command, context, labels))


async def _decide_and_save(
    deps: Dependencies, row: Row, command: EditSelection, context: Context, labels: Mapping[str, CalendarLabel]
) -> None:
    connection = (await deps.store.load(Connection, [row.id]))[row.id]
    named = command.selected | set(command.removed) | set(connection.selected)
    calendars = await load_calendars(deps.store, row.subaccount_id, named)
    edit_selection(context, connection, calendars, selected=command.selected, removed=command.removed, labels=labels)
    also = agreed(context, calendars.values(), subaccount_id=row.subaccount_id, reason="calendar_deselected")
    also += ordered(context, connection, calendars.values())
    await deps.store.save([connection, *calendars.values()], also=also)


async def load_calendars(store: EventStore, subaccount_id: UUID, uris: AbstractSet[str]) -> dict[str, Calendar]:
    """Return a subaccount's calendars by URI, in one read."""
    by_uri = {uri: ids.calendar_id(subaccount_id=subaccount_id, calendar_uri=uri) for uri in sorted(uris)}
    loaded = await store.load(Calendar, by_uri.values())
    return {uri: loaded[calendar_id] for uri, calendar_id in by_uri.items()}
