"""Bring back what a calendar that was selected again had (R15): in the background, resumed where it was interrupted."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from domain.calendar import Calendar
from domain.connection import Connection
from domain.import_booking import Outcome
from domain.reconcile import Finder
from domain.recorded import Context
from domain.restore import Reselection, restore_booking
from services.ingest.calendly.client import Calendly
from services.ingest.calendly.errors import CalendlyError
from services.ingest.calendly.models import ScheduledEvent
from services.ingest.connections.races import decided
from services.ingest.connections.rows import Row
from services.ingest.importing.gather import Gathered, gather
from services.ingest.importing.index import indexed
from services.ingest.reconciling.alone import Alone, alone
from services.ingest.reconciling.chains import go_to_last
from services.ingest.reconciling.decide import Found
from services.ingest.reconciling.finding import find
from services.ingest.reconciling.listing import ACTIVE, in_batches, listed
from services.ingest.reconciling.reconcile_connection import BATCH, LOOK_AHEAD, OVERLAP
from services.ingest.reconciling.restores import Part, Restore, Restores, advanced
from services.ingest.reconciling.scope import finder_of
from services.ingest.reconciling.tools import Tools
from services.ingest.secrets.vault import SecretUnreadable

log = structlog.get_logger(__name__)


class RestoreCalendar:
    """Works off restorations. All it knows stands in the database."""

    def __init__(self, tools: Tools, *, again_in: timedelta, batch: int = BATCH) -> None:
        self._tools = tools
        self._again_in = again_in
        self._batch = batch
        self._restores = Restores(tools.pool)

    async def run(self, restore_id: UUID) -> int:
        """Ask all accounts that have the calendar selected; return how many bookings were brought back.

        What an account cannot answer now is asked again later. Raises Busy where another process is at it.
        """
        async with alone(self._tools.pool, "restore", restore_id) as lock:
            restore = await self._restores.one(restore_id)
            if restore is None:
                return 0
            if self._tools.reconnect_import == "forward":
                await self._restores.close(restore.id, "forward", at=self._tools.clock())
                return 0
            return await self._restore(restore, lock)

    async def _restore(self, restore: Restore, lock: Alone) -> int:
        calendar = await self._calendar(restore)
        parts = await self._restores.parts(restore.id)
        before, complete = restore.imported, True
        for connection_id in sorted(set(calendar.selected_by.values())):
            part = parts.get(connection_id) or Part(connection_id=connection_id)
            complete = (part.finished or await self._try_part(restore, part, lock)) and complete
        return await self._end(restore, complete=complete) - before

    async def _end(self, restore: Restore, *, complete: bool) -> int:
        now = self._tools.clock()
        done = await self._restores.one(restore.id) or restore
        calendar = await self._calendar(restore)
        if complete or not calendar.selected:
            outcome = "restored" if calendar.selected else "stopped"
            await self._restores.close(restore.id, outcome, at=now)
        else:
            outcome = "to be continued"
            await self._restores.postpone(restore.id, until=now + self._again_in)
        calendar_id = str(restore.calendar_id)
        log.info("restoration", calendar_id=calendar_id, outcome=outcome, found=done.found, imported=done.imported)
        return done.imported

    async def _try_part(self, restore: Restore, part: Part, lock: Alone) -> bool:
        row = await self._tools.rows.one(restore.subaccount_id, part.connection_id)
        if row is None or row.state != "connected":
            return row is None
        try:
            return await self._part(restore, row, part, lock)
        except (CalendlyError, SecretUnreadable) as error:
            log.warning("restoration interrupted", connection=str(row.id), error=type(error).__name__)
            return False

    async def _part(self, restore: Restore, row: Row, part: Part, lock: Alone) -> bool:
        tools = self._tools
        connection = (await tools.store.load(Connection, [row.id]))[row.id]
        finder = await finder_of(tools, row, connection)
        calendly = await tools.calendly_of(row)
        label = (await self._calendar(restore)).label
        shared = label is not None and label.kind == "shared"
        async for events in in_batches(_listed(calendly, row, restore, part, shared=shared), self._batch):
            await lock.check()
            found = [one for one in await find(calendly, connection, events) if one.active]
            outcomes = await decided(lambda f=found, e=events: self._decide_and_save(restore, finder, e, f))
            if any(one.rule == "R14" for one in outcomes) and not (await self._calendar(restore)).selected:
                return False
        await self._restores.finish_part(restore.id, row.id)
        return True

    async def _calendar(self, restore: Restore) -> Calendar:
        return (await self._tools.store.load(Calendar, [restore.calendar_id]))[restore.calendar_id]

    async def _decide_and_save(
        self, restore: Restore, finder: Finder, events: Sequence[ScheduledEvent], found: Sequence[Found]
    ) -> list[Outcome]:
        tools = self._tools
        gathered = await gather(tools.store, found)
        await go_to_last(tools.store, gathered)
        outcomes = [self._decide(restore, finder, one, gathered) for one in found]
        count = sum(one.kind == "imported" for one in outcomes)
        progress = advanced(
            restore.id, finder.connection.id, start=events[-1].start_time, found=len(found), imported=count
        )
        await tools.store.save(
            [*gathered.contacts.values(), *gathered.bookings.values()],
            expect=gathered.versions_read(),
            also=[*progress, *indexed(gathered.bookings.values())],
        )
        log.info("restoration goes on", restore_id=str(restore.id), found=len(found), imported=count)
        return outcomes

    def _decide(self, restore: Restore, finder: Finder, found: Found, gathered: Gathered) -> Outcome:
        return restore_booking(
            Context(at=self._tools.clock(), cause="reconnect", cause_id=restore.id, trace=restore.trace),
            found.booked,
            gathered.concerned(found),
            finder=finder,
            reselection=Reselection(at=restore.reselected_at),
            draw=self._tools.draw,
        )


async def _listed(
    calendly: Calendly, row: Row, restore: Restore, part: Part, *, shared: bool
) -> AsyncIterator[ScheduledEvent]:
    first = part.reached - OVERLAP if part.reached else Reselection(at=restore.reselected_at).reaches_back_to
    last = restore.reselected_at + LOOK_AHEAD
    async for event in listed(calendly, row, first=first, last=last, everybodys=shared):
        if event.status == ACTIVE and event.event_type == restore.calendar_uri:
            yield event
