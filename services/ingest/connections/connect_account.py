"""Connect a user's Calendly account, or renew the access of one that needs it (R3, R20, R21, R22)."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from domain.connecting import connect_account
from domain.connection import Connection
from domain.plan import check_plan
from domain.recorded import Context
from domain.refusals import Refusal
from services.ingest.calendly.client import Calendly
from services.ingest.calendly.models import User
from services.ingest.calendly.oauth import Grant
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.labels import labels_of
from services.ingest.connections.places import load_places
from services.ingest.connections.races import decided
from services.ingest.connections.renew_access import renew, renewable_row
from services.ingest.connections.rows import Row, inserted
from services.ingest.connections.subscription import callback_url, subscribe, unsubscribe
from services.ingest.event_store import LostRace, Statement


@dataclass(frozen=True, kw_only=True)
class ConnectAccount:
    """The command: a user of a subaccount wants to connect the account that the token belongs to."""

    subaccount_id: UUID
    user_id: UUID
    grant: Grant


@dataclass(frozen=True, kw_only=True)
class Connected:
    """The connection; `new` unless the access of one that was there was renewed."""

    id: UUID
    new: bool


async def connect(deps: Dependencies, command: ConnectAccount, context: Context) -> Connected:
    """Connect. The webhook subscription stands before the connection does.

    Where the user has this very account connected already, but Calendly no longer gives access or its plan had lapsed,
    the connection goes on with the new access: its selection and its history are kept.

    Raises UserHasAccount (R20), AccountTaken (R21), PlanRefused (R22), and CalendlyError where Calendly refuses.
    """
    calendly = deps.calendly(command.grant.access)
    user = await calendly.me()
    plan = (await calendly.organization(user.current_organization)).plan
    check_plan(plan)
    places = await load_places(
        deps.store, subaccount_id=command.subaccount_id, user_id=command.user_id, calendly_user_uri=user.uri
    )
    renewable = await renewable_row(deps, places, subaccount_id=command.subaccount_id)
    if renewable is not None:
        await renew(deps, renewable, command.grant, plan=plan)
        return Connected(id=renewable.id, new=False)
    places.check_free()
    labels = labels_of(await calendly.event_types(user))
    row = await _subscribed(deps, command, calendly, user, plan=plan, context=context)
    await _save_or_unsubscribe(deps, context, calendly, row, also=inserted(row, labels.values()))
    return Connected(id=row.id, new=True)


async def _subscribed(
    deps: Dependencies, command: ConnectAccount, calendly: Calendly, user: User, *, plan: str, context: Context
) -> Row:
    connection_id, grant = uuid4(), command.grant
    signing_key, told = deps.signing_key(of_app=grant.refresh is not None)
    url = callback_url(deps.public_url, connection_id, 1)
    subscription_uri = await subscribe(calendly, user, url=url, signing_key=told)
    token, refresh_token, expires_at = deps.access.sealed(grant, owner=connection_id)
    return Row(
        id=connection_id,
        subaccount_id=command.subaccount_id,
        user_id=command.user_id,
        calendly_user_uri=user.uri,
        organization_uri=user.current_organization,
        plan=plan,
        state="connected",
        token=token,
        refresh_token=refresh_token,
        token_expires_at=expires_at,
        token_since=context.at,
        subscribed_at=context.at,
        signing_keys=[deps.vault.seal(signing_key.encode(), owner=connection_id)],
        subscription_uri=subscription_uri,
        connected_at=context.at,
        calendars_read_at=context.at,
    )


async def _save_or_unsubscribe(
    deps: Dependencies, context: Context, calendly: Calendly, row: Row, *, also: list[Statement]
) -> None:
    try:
        await decided(lambda: _save(deps, context, row, also))
    except (Refusal, LostRace):
        # Nothing was saved. After any other error that is unknown, and a connection must not lose its subscription.
        assert row.subscription_uri is not None
        await unsubscribe(calendly, row.subscription_uri)
        raise


async def _save(deps: Dependencies, context: Context, row: Row, also: list[Statement]) -> None:
    places = await load_places(
        deps.store, subaccount_id=row.subaccount_id, user_id=row.user_id, calendly_user_uri=row.calendly_user_uri
    )
    connection = Connection(row.id)
    connect_account(
        context,
        connection,
        places,
        subaccount_id=row.subaccount_id,
        user_id=row.user_id,
        calendly_user_uri=row.calendly_user_uri,
        plan=row.plan,
    )
    await deps.store.save([connection, places.slot, places.account], also=also)
