"""Compare one connection with Calendly, and import what was missed (R4, R8, R13, R14)."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from services.ingest.calendly.client import Calendly
from services.ingest.calendly.models import ScheduledEvent
from services.ingest.connections.races import decided
from services.ingest.connections.rows import Row
from services.ingest.importing.gather import gather
from services.ingest.importing.index import indexed
from services.ingest.reconciling.alone import alone
from services.ingest.reconciling.decide import Decision, Found, decide, imported
from services.ingest.reconciling.finding import find
from services.ingest.reconciling.listing import ACTIVE, in_batches, listed
from services.ingest.reconciling.passes import Pass, Passes, reached
from services.ingest.reconciling.restores import Restores
from services.ingest.reconciling.scope import Scope, scope_of
from services.ingest.reconciling.seen import Seen, noted
from services.ingest.reconciling.tools import Tools
from services.ingest.reconciling.waiting import waiting

log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(days=7)
"""How long ago a meeting may have started."""

LOOK_AHEAD = timedelta(days=400)
"""How far away it may be."""

GRACE = timedelta(seconds=10)
"""How old a booking must be before it counts as missed: its delivery may be on the way."""

OVERLAP = timedelta(seconds=1)
"""Whether Calendly's bounds include equality is not said; what is listed twice is found once."""

BATCH = 50
"""Scheduled events decided together, and lost to an interruption at most."""


class ReconcileConnection:
    """Compares connections. All it remembers stands in the database: an interrupted pass goes on where it was."""

    def __init__(self, tools: Tools, *, every: timedelta, grace: timedelta = timedelta(), batch: int = BATCH) -> None:
        self._tools = tools
        self._every = every
        self._grace = grace
        self._batch = batch
        self._passes = Passes(tools.pool)
        self._seen = Seen(tools.pool)

    async def run(self, row: Row, *, anew: bool = False) -> list[Decision]:
        """Compare a connection; return what became of the bookings that had to be looked at.

        Without `anew` nothing happens unless a pass is due. Raises Busy where another process is at it, CalendlyError
        where Calendly cannot be asked; the pass then goes on with the next call.
        """
        async with alone(self._tools.pool, "reconcile", row.id) as lock:
            current = await self._passes.begin(row.id, at=self._tools.clock(), anew=anew)
            if current is None:
                return []
            decisions: list[Decision] = []
            scope = await scope_of(self._tools, row)
            if scope.calendars:
                calendly = await self._tools.calendly_of(row)
                async for events in in_batches(_listed(calendly, row, scope, current), self._batch):
                    await lock.check()
                    decisions += await self._compare(calendly, row, scope, current, events)
            await self._finish(row, current)
            return decisions

    async def _compare(
        self, calendly: Calendly, row: Row, scope: Scope, current: Pass, events: Sequence[ScheduledEvent]
    ) -> list[Decision]:
        changed = await self._seen.changed(row.id, events)
        if not changed:
            return []
        found = [one for one in await find(calendly, scope.finder.connection, changed) if one.active]
        later = await self._not_missed_yet(row, found)
        # Their events are not remembered as compared: the next pass sees what became of them.
        open_ = {one.booked.event_uri for one in found if one.booked.invitee_uri in later}
        seen = [one for one in changed if one.uri not in open_]
        missed = [one for one in found if one.booked.invitee_uri not in later]
        progress = changed[-1].start_time
        return await decided(lambda: self._decide_and_save(scope, current, missed, seen=seen, start=progress))

    async def _not_missed_yet(self, row: Row, found: Sequence[Found]) -> set[str]:
        """Return the invitees whose delivery waits, or may be on the way."""
        old_enough = self._tools.clock() - self._grace
        young = {one.booked.invitee_uri for one in found if one.booked.booked_at > old_enough}
        invitees = [one.booked.invitee_uri for one in found]
        return young | await waiting(self._tools.pool, row.subaccount_id, invitees)

    async def _decide_and_save(
        self,
        scope: Scope,
        current: Pass,
        found: Sequence[Found],
        *,
        seen: Sequence[ScheduledEvent],
        start: datetime,
    ) -> list[Decision]:
        tools, connection = self._tools, scope.finder.connection
        gathered = await gather(tools.store, found)
        # After the calendars: what is selected again meanwhile makes this lose the race.
        restored_until = await open_restores(tools, scope)
        decisions = decide(
            found,
            gathered,
            finder=scope.finder,
            pass_id=current.pass_id,
            restored_until=restored_until,
            clock=tools.clock,
            draw=tools.draw,
        )
        progress = reached(connection.id, current.pass_id, start=start, imported=imported(decisions))
        await tools.store.save(
            [*gathered.contacts.values(), *gathered.bookings.values()],
            expect=gathered.versions_read(),
            also=[noted(connection.id, seen), progress, *indexed(gathered.bookings.values())],
        )
        return decisions

    async def _finish(self, row: Row, current: Pass) -> None:
        now = self._tools.clock()
        await self._seen.forget(row.id, before=current.began_at - LOOK_BACK)
        count = await self._passes.finish(row.id, at=now, next_at=now + self._every)
        if count:
            log.warning("missed bookings imported", connection=str(row.id), imported=count)


async def open_restores(tools: Tools, scope: Scope) -> dict[UUID, datetime]:
    """Return until when bookings are left to a restoration, by calendar id; with `forward` there is none (R15)."""
    if tools.reconnect_import == "forward":
        return {}
    return await Restores(tools.pool).open_until(scope.finder.connection.facts.subaccount_id)


async def _listed(calendly: Calendly, row: Row, scope: Scope, current: Pass) -> AsyncIterator[ScheduledEvent]:
    first = current.reached - OVERLAP if current.reached else current.began_at - LOOK_BACK
    last = current.began_at + LOOK_AHEAD
    async for event in listed(calendly, row, first=first, last=last, everybodys=scope.shared):
        if event.status == ACTIVE and event.event_type in scope.calendars:
            yield event
