"""Look after one connection: its token, its plan (R22) and its subscription."""

from services.ingest.calendly.errors import TokenRefused
from services.ingest.connections.check_plan import check_plan_of
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.rows import Row
from services.ingest.connections.watch_subscription import watch_subscription

_COMPARE_NOW = "UPDATE ingest.reconciliations SET next_at = $2 WHERE connection_id = $1"


async def watch(deps: Dependencies, row: Row) -> bool:
    """Return whether the subscription was out of order; the connection is then compared with Calendly at once.

    A refused token is noted in the connection's state. Raises CalendlyError but for that, and SecretUnreadable.
    """
    if row.state == "needs_reconnect":
        return False
    try:
        outage = await check_plan_of(deps, row) and await watch_subscription(deps, row)
    except TokenRefused:
        await deps.access.refused(row)
        return False
    if outage:
        await deps.pool.execute(_COMPARE_NOW, row.id, deps.clock())
    return outage
