"""Replace a connection's subscription: the new one first, then the old one goes, and both keys are good in between.

Each step is stored before the next. What is interrupted goes on with the next call: a coming subscription has its
number and its key already, a retired one is removed later.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import structlog

from services.ingest.calendly.client import Calendly
from services.ingest.calendly.errors import NotFound
from services.ingest.calendly.models import User
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.rows import Row
from services.ingest.connections.subscription import callback_url, subscribe

log = structlog.get_logger(__name__)

_TELL = "SELECT pg_notify('connections', $1)"

_ANNOUNCE = """
UPDATE ingest.connections
   SET replacing = true, subscription_number = subscription_number + 1, signing_keys = signing_keys || $2::bytea
 WHERE id = $1 AND NOT replacing AND state <> 'disconnected'
"""

_TAKE = """
UPDATE ingest.connections
   SET subscription_uri = $2, replacing = false, signing_keys = $3, subscribed_at = $4,
       retired_subscriptions = retired_subscriptions || array_remove(ARRAY[subscription_uri], NULL)
 WHERE id = $1 AND state <> 'disconnected' RETURNING id
"""

_REMOVED = "UPDATE ingest.connections SET retired_subscriptions = array_remove(retired_subscriptions, $2) WHERE id = $1"


@asynccontextmanager
async def alone(deps: Dependencies, connection_id: UUID) -> AsyncIterator[Row | None]:
    """Hold a connection's subscription, of all processes; yield the connection as it is then, None once it ended."""
    async with deps.subscribing, deps.pool.acquire() as session, session.transaction():
        await session.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"bookstream-subscription {connection_id}"
        )
        yield await deps.rows.by_id(connection_id)


async def replace_subscription(deps: Dependencies, connection_id: UUID) -> None:
    """Replace it whatever its state, and so its key. Raises CalendlyError; the old one stands then."""
    async with alone(deps, connection_id) as row:
        if row is not None:
            await replace(deps, row, await deps.calendly_of(row))


async def replace(deps: Dependencies, row: Row, calendly: Calendly) -> None:
    """Replace it; the caller holds it. Raises CalendlyError."""
    if not row.replacing:
        key, _ = deps.signing_key(of_app=row.refresh_token is not None)
        await deps.pool.execute(_ANNOUNCE, row.id, deps.vault.seal(key.encode(), owner=row.id))
        await deps.pool.execute(_TELL, str(row.id))
    coming = await deps.rows.by_id(row.id)
    if coming is None:
        return
    uri = await _subscribed(deps, coming, calendly)
    keys = [coming.signing_keys[-1], *coming.signing_keys[:-1]]
    if not await deps.pool.fetchval(_TAKE, row.id, uri, keys, deps.clock()):
        await calendly.unsubscribe(uri)  # disconnected meanwhile
        return
    log.info("subscription replaced", connection=str(row.id))
    await remove_retired(deps, row.id, calendly)


async def _subscribed(deps: Dependencies, coming: Row, calendly: Calendly) -> str:
    user = User(uri=coming.calendly_user_uri, current_organization=coming.organization_uri)
    key = deps.vault.open(coming.signing_keys[-1], owner=coming.id).decode()
    url = callback_url(deps.public_url, coming.id, coming.subscription_number)
    return await subscribe(calendly, user, url=url, signing_key=None if key == deps.app_key else key)


async def remove_retired(deps: Dependencies, connection_id: UUID, calendly: Calendly) -> None:
    """Remove the subscriptions that were replaced. Raises CalendlyError."""
    row = await deps.rows.by_id(connection_id)
    for uri in row.retired_subscriptions if row else ():
        with suppress(NotFound):
            await calendly.unsubscribe(uri)
        await deps.pool.execute(_REMOVED, connection_id, uri)
