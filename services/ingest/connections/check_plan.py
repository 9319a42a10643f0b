"""A plan that lapses stops the sync, and one that is accepted again lets it go on (R22)."""

import structlog

from domain.plan import check_plan
from domain.refusals import PlanRefused
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.rows import Row

log = structlog.get_logger(__name__)

_NOTE = """
UPDATE ingest.connections SET plan = $2, state = $3
 WHERE id = $1 AND state IN ('connected', 'plan_refused') AND (plan, state) <> ($2, $3) RETURNING id
"""


async def check_plan_of(deps: Dependencies, row: Row) -> bool:
    """Note the plan that the account has now; return whether it is accepted. Raises CalendlyError, SecretUnreadable."""
    plan = (await (await deps.calendly_of(row)).organization(row.organization_uri)).plan
    state = _state(plan)
    if await deps.pool.fetchval(_NOTE, row.id, plan, state):
        log.warning("plan changed", connection=str(row.id), plan=plan, state=state)
    return state == "connected"


def _state(plan: str) -> str:
    try:
        check_plan(plan)
    except PlanRefused:
        return "plan_refused"
    return "connected"
