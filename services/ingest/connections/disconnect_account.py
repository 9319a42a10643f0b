"""Disconnect an account (R16, R17); its user and the account are free again (R20, R21)."""

from domain import ids
from domain.account_link import AccountLink
from domain.connecting import Places, disconnect_account
from domain.connection import Connection, SyncedEvents
from domain.recorded import Context
from services.ingest.connections.connect_account import unsubscribe
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.edit_selection import load_calendars
from services.ingest.connections.races import decided
from services.ingest.connections.rows import Row, ended


async def disconnect(deps: Dependencies, row: Row, synced_events: SyncedEvents, context: Context) -> None:
    """Disconnect with the choice of R16. Raises NotConnected where another call was first.

    The subscription at Calendly goes last, and as well as it can: its deliveries are refused from now on anyway.
    """
    token = deps.token_of(row)
    await decided(lambda: _decide_and_save(deps, row, synced_events, context))
    if row.subscription_uri is not None:
        await unsubscribe(deps.calendly(token), row.subscription_uri)


async def _decide_and_save(deps: Dependencies, row: Row, synced_events: SyncedEvents, context: Context) -> None:
    connection = (await deps.store.load(Connection, [row.id]))[row.id]
    slot = ids.user_slot_id(subaccount_id=row.subaccount_id, user_id=row.user_id)
    account = ids.account_link_id(row.calendly_user_uri)
    links = await deps.store.load(AccountLink, [slot, account])
    calendars = await load_calendars(deps, row.subaccount_id, connection.ever_selected)
    places = Places(slot=links[slot], account=links[account])
    disconnect_account(context, connection, places, calendars, synced_events=synced_events)
    await deps.store.save([connection, *links.values(), *calendars.values()], also=ended(row.id))
