"""Disconnect an account (R16, R17); its user and the account are free again (R20, R21)."""

import structlog

from domain.connecting import disconnect_account
from domain.connection import Connection, SyncedEvents
from domain.recorded import Context
from services.ingest.calendly.client import Calendly
from services.ingest.calendly.errors import CalendlyError
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.edit_selection import load_calendars
from services.ingest.connections.places import load_places
from services.ingest.connections.races import decided
from services.ingest.connections.rows import Row, ended
from services.ingest.connections.subscription import unsubscribe
from services.ingest.removing.agree import agreed
from services.ingest.secrets.vault import SecretUnreadable

log = structlog.get_logger(__name__)


async def disconnect(deps: Dependencies, row: Row, synced_events: SyncedEvents, context: Context) -> None:
    """Disconnect with the choice of R16. Raises NotConnected where another call was first.

    The subscription at Calendly goes last, and as well as it can: its deliveries are refused from now on anyway.
    """
    calendly = await _calendly(deps, row)  # first: afterwards there is nothing left to refresh the token with
    await decided(lambda: _decide_and_save(deps, row, synced_events, context))
    if calendly is not None:
        for uri in filter(None, [row.subscription_uri, *row.retired_subscriptions]):
            await unsubscribe(calendly, uri)


async def _calendly(deps: Dependencies, row: Row) -> Calendly | None:
    try:
        return await deps.calendly_of(row)
    except (CalendlyError, SecretUnreadable) as error:
        log.warning("subscription cannot be removed", connection=str(row.id), error=type(error).__name__)
        return None


async def _decide_and_save(deps: Dependencies, row: Row, synced_events: SyncedEvents, context: Context) -> None:
    connection = (await deps.store.load(Connection, [row.id]))[row.id]
    calendars = await load_calendars(deps.store, row.subaccount_id, connection.ever_selected)
    places = await load_places(
        deps.store, subaccount_id=row.subaccount_id, user_id=row.user_id, calendly_user_uri=row.calendly_user_uri
    )
    disconnect_account(context, connection, places, calendars, synced_events=synced_events)
    changed = [connection, places.slot, places.account, *calendars.values()]
    orders = agreed(context, calendars.values(), subaccount_id=row.subaccount_id, reason="account_disconnected")
    await deps.store.save(changed, also=[*ended(row.id), *orders])
