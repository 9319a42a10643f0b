"""Renew the access of a connection whose user connects the same account again (docs/decisions/0006)."""

from uuid import UUID

from domain.connecting import Places
from domain.refusals import NotConnected
from services.ingest.calendly.oauth import Grant
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.replace_subscription import replace_subscription
from services.ingest.connections.rows import Row

RENEWABLE = frozenset({"needs_reconnect", "plan_refused"})

_RENEW = """
WITH due AS (UPDATE ingest.reconciliations SET next_at = $5 WHERE connection_id = $1)
UPDATE ingest.connections
   SET state = 'connected', token = $2, refresh_token = $3, token_expires_at = $4, token_since = $5, plan = $6
 WHERE id = $1 AND state <> 'disconnected' RETURNING id
"""


async def renewable_row(deps: Dependencies, places: Places, *, subaccount_id: UUID) -> Row | None:
    """Return the connection to be renewed: the one that holds both places, and does not work."""
    held_by = places.slot.held_by
    if held_by is None or held_by != places.account.held_by:
        return None
    row = await deps.rows.one(subaccount_id, held_by)
    return row if row is not None and row.state in RENEWABLE else None


async def renew(deps: Dependencies, row: Row, grant: Grant, *, plan: str) -> None:
    """Go on with new access, and with a new subscription, for the old one may be dead. It is compared with Calendly
    at once. Raises NotConnected where it was disconnected meanwhile, and CalendlyError.
    """
    sealed = deps.access.sealed(grant, owner=row.id)
    if not await deps.pool.fetchval(_RENEW, row.id, *sealed, deps.clock(), plan):
        raise NotConnected
    await replace_subscription(deps, row.id)
