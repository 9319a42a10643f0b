"""Watch a connection's subscription: Calendly disables one whose deliveries failed for a day, and tells nobody."""

from datetime import timedelta

import structlog

from services.ingest.calendly.client import Calendly
from services.ingest.calendly.errors import NotFound
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.replace_subscription import alone, remove_retired, replace
from services.ingest.connections.rows import Row

log = structlog.get_logger(__name__)

OLD_KEYS_LAST = timedelta(hours=25)
"""After its subscription was replaced, an old key is good so much longer: Calendly retries deliveries for a day."""

_KEYS = """
WITH told AS (SELECT pg_notify('connections', $1::uuid::text))
UPDATE ingest.connections SET signing_keys = $2, subscribed_at = $3
  FROM told WHERE id = $1 AND state <> 'disconnected'
"""


async def watch_subscription(deps: Dependencies, row: Row) -> bool:
    """Replace the subscription where it is gone or disabled, and end what an interruption left half done.

    Returns whether there was an outage: then bookings may have been missed. Raises CalendlyError and SecretUnreadable.
    """
    async with alone(deps, row.id) as current:
        if current is None or current.state != "connected":
            return False
        calendly = await deps.calendly_of(current)
        if not await _alive(calendly, current):
            log.warning("subscription is gone or disabled", connection=str(row.id))
            await replace(deps, current, calendly)
            return True
        if current.replacing:
            await replace(deps, current, calendly)
        else:
            await remove_retired(deps, row.id, calendly)
            await _tidy_keys(deps, current)
        return False


async def _alive(calendly: Calendly, row: Row) -> bool:
    if row.subscription_uri is None:
        return False
    try:
        return (await calendly.subscription(row.subscription_uri)).state != "disabled"
    except NotFound:
        return False


async def _tidy_keys(deps: Dependencies, row: Row) -> None:
    """Take over a new key of the OAuth app; forget old keys once nothing signed with them can be on its way."""
    now, first = deps.clock(), deps.vault.open(row.signing_keys[0], owner=row.id).decode()
    if row.refresh_token is not None and deps.app_key and first != deps.app_key:
        new = deps.vault.seal(deps.app_key.encode(), owner=row.id)
        await deps.pool.execute(_KEYS, row.id, [new, *row.signing_keys], now)
    elif len(row.signing_keys) > 1 and (row.subscribed_at is None or now - row.subscribed_at > OLD_KEYS_LAST):
        await deps.pool.execute(_KEYS, row.id, row.signing_keys[:1], row.subscribed_at)
