"""What comparing a connection with Calendly would do, and why every other booking stays out; nothing is changed."""

from collections.abc import AsyncIterator
from uuid import uuid4

from services.ingest.connections.rows import Row
from services.ingest.importing.gather import gather
from services.ingest.reconciling.decide import Decision, decide
from services.ingest.reconciling.finding import find
from services.ingest.reconciling.listing import in_batches, listed
from services.ingest.reconciling.reconcile_connection import BATCH, LOOK_AHEAD, LOOK_BACK, open_restores
from services.ingest.reconciling.scope import scope_of
from services.ingest.reconciling.tools import Tools


async def would_reconcile(tools: Tools, row: Row) -> AsyncIterator[Decision]:
    """Yield the decision on every booking in the window, of any calendar and canceled ones too.

    Raises CalendlyError where Calendly cannot be asked.
    """
    now, pass_id = tools.clock(), uuid4()
    scope = await scope_of(tools, row)
    calendly = await tools.calendly_of(row)
    events_there = listed(calendly, row, first=now - LOOK_BACK, last=now + LOOK_AHEAD, everybodys=scope.shared)
    async for events in in_batches(events_there, BATCH):
        found = await find(calendly, scope.finder.connection, events)
        gathered = await gather(tools.store, found)
        decisions = decide(
            found,
            gathered,
            finder=scope.finder,
            pass_id=pass_id,
            restored_until=await open_restores(tools, scope),
            clock=tools.clock,
            draw=tools.draw,
        )
        for one in decisions:
            yield one
