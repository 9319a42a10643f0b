"""Connect a user's Calendly account by a personal access token (R3, R20, R21, R22)."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import structlog

from domain import ids
from domain.account_link import AccountLink
from domain.connecting import Places, connect_account
from domain.connection import CalendarLabel, Connection
from domain.plan import check_plan
from domain.recorded import Context
from services.ingest.calendly.client import Calendly
from services.ingest.calendly.errors import AlreadyExists, CalendlyError
from services.ingest.calendly.models import EventType, Subscription, User
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.races import decided
from services.ingest.connections.rows import Row, inserted

log = structlog.get_logger(__name__)

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class ConnectAccount:
    """The command: a user of a subaccount wants to connect the account that the token belongs to."""

    subaccount_id: UUID
    user_id: UUID
    token: str


async def connect(deps: Dependencies, command: ConnectAccount, context: Context) -> UUID:
    """Connect and return the connection's id. The webhook subscription stands before the connection does.

    Raises UserHasAccount (R20), AccountTaken (R21), PlanRefused (R22), and CalendlyError where Calendly refuses.
    """
    calendly = deps.calendly(command.token)
    user = await calendly.me()
    plan = (await calendly.organization(user.current_organization)).plan
    check_plan(plan)
    (await _places(deps, command, user)).check_free()
    labels = labels_of(await calendly.event_types(user))
    connection_id, signing_key = uuid4(), secrets.token_urlsafe(32)
    subscription = await _subscribe(deps, calendly, user, connection_id, signing_key)
    row = _row(
        deps,
        command,
        user,
        plan,
        context,
        connection_id=connection_id,
        signing_key=signing_key,
        subscription_uri=subscription.uri,
    )
    try:
        await decided(lambda: _save(deps, command, context, user, row))
    except BaseException:
        await unsubscribe(calendly, subscription.uri)
        raise
    await deps.rows.keep_calendars(connection_id, labels, at=context.at)
    return connection_id


def _row(
    deps: Dependencies,
    command: ConnectAccount,
    user: User,
    plan: str,
    context: Context,
    *,
    connection_id: UUID,
    signing_key: str,
    subscription_uri: str,
) -> Row:
    return Row(
        id=connection_id,
        subaccount_id=command.subaccount_id,
        user_id=command.user_id,
        calendly_user_uri=user.uri,
        organization_uri=user.current_organization,
        plan=plan,
        state="connected",
        token=deps.vault.seal(command.token.encode(), owner=connection_id),
        signing_keys=[deps.vault.seal(signing_key.encode(), owner=connection_id)],
        subscription_uri=subscription_uri,
        connected_at=context.at,
        calendars_read_at=NEVER,
    )


async def _places(deps: Dependencies, command: ConnectAccount, user: User) -> Places:
    slot = ids.user_slot_id(subaccount_id=command.subaccount_id, user_id=command.user_id)
    account = ids.account_link_id(user.uri)
    links = await deps.store.load(AccountLink, [slot, account])
    return Places(slot=links[slot], account=links[account])


async def _save(deps: Dependencies, command: ConnectAccount, context: Context, user: User, row: Row) -> None:
    places = await _places(deps, command, user)
    connection = Connection(row.id)
    connect_account(
        context,
        connection,
        places,
        subaccount_id=command.subaccount_id,
        user_id=command.user_id,
        calendly_user_uri=user.uri,
        plan=row.plan,
    )
    await deps.store.save([connection, places.slot, places.account], also=inserted(row))


async def _subscribe(
    deps: Dependencies, calendly: Calendly, user: User, connection_id: UUID, signing_key: str
) -> Subscription:
    url = f"{deps.public_url.rstrip('/')}/webhooks/calendly/{connection_id}"
    try:
        return await calendly.subscribe(user, url=url, signing_key=signing_key)
    except AlreadyExists:
        # Ours, from an attempt whose answer was lost: its key is unknown, so it is made anew.
        for stale in await calendly.subscriptions(user):
            if stale.callback_url == url:
                await calendly.unsubscribe(stale.uri)
        return await calendly.subscribe(user, url=url, signing_key=signing_key)


async def unsubscribe(calendly: Calendly, subscription_uri: str) -> None:
    """Remove a subscription if Calendly lets us; what stays is answered 404 and disabled by Calendly after a day."""
    try:
        await calendly.unsubscribe(subscription_uri)
    except CalendlyError as error:
        log.warning("subscription could not be removed", error=type(error).__name__)


def labels_of(event_types: list[EventType]) -> list[CalendarLabel]:
    """Return the calendars that can be selected, as Calendly describes them."""
    return [
        CalendarLabel(uri=one.uri, name=one.name or "Calendly", kind="shared" if one.shared else "personal")
        for one in event_types
        if one.usable
    ]
