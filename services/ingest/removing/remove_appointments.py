"""Remove a calendar's appointments once everybody agreed (R17 to R19), batch by batch, each in one transaction."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog

from domain.booking import Booking
from domain.calendar import Calendar
from domain.recorded import Context
from domain.removal import delete_is_agreed
from services.ingest.event_store import EventStore, LostRace
from services.ingest.removing.removals import Removal, Removals, advanced, closed

log = structlog.get_logger(__name__)

BATCH = 200
"""Appointments deleted together; imports wait as long as one batch takes."""


class RemoveAppointments:
    """Works off open deletions. All it knows stands in the database: after a kill it goes on where it was."""

    def __init__(
        self, *, store: EventStore, removals: Removals, clock: Callable[[], datetime], batch: int = BATCH
    ) -> None:
        self._store = store
        self._removals = removals
        self._clock = clock
        self._batch = batch

    async def one_round(self) -> int | None:
        """Delete one batch of each open deletion; return how many appointments went, None where nothing is open.

        A writer that was first makes a batch be read and decided anew in the next round.
        """
        calendars = await self._removals.open()
        if not calendars:
            return None
        return sum([await self._try_batch(one) for one in calendars])

    async def _try_batch(self, calendar_id: UUID) -> int:
        try:
            return await self._one_batch(calendar_id)
        except LostRace:
            log.info("deletion lost a race and decides again", calendar_id=str(calendar_id))
            return 0

    async def _one_batch(self, calendar_id: UUID) -> int:
        # The calendar first: an order read after it is not older, and one that is newer loses the race.
        calendar = (await self._store.load(Calendar, [calendar_id]))[calendar_id]
        removal = await self._removals.one(calendar_id)
        if removal is None:
            return 0
        if not delete_is_agreed(calendar):
            await self._close(removal, calendar, agreed=False)
            return 0
        left = await self._removals.left(calendar_id, self._batch)
        if not left:
            await self._close(removal, calendar, agreed=True)
            return 0
        return await self._delete(removal, calendar, left)

    async def _delete(self, removal: Removal, calendar: Calendar, left: list[UUID]) -> int:
        bookings = (await self._store.load(Booking, left)).values()
        context = Context(at=self._clock(), cause="command", cause_id=removal.cause_id, trace=removal.trace)
        for booking in bookings:
            booking.delete(context, reason=removal.reason)
        # One that another process deleted since the list was read does not count again.
        count = sum(booking.changed for booking in bookings)
        also = advanced(removal, left, count=count)
        await self._store.save(bookings, expect={calendar.id: calendar.version}, also=also)
        done = removal.done + count
        log.info("appointments removed", calendar_id=str(calendar.id), done=done, total=max(done, removal.total))
        return count

    async def _close(self, removal: Removal, calendar: Calendar, *, agreed: bool) -> None:
        outcome = "removed" if agreed else "stopped"
        also = closed(removal, outcome, at=self._clock())
        await self._store.save([], expect={calendar.id: calendar.version}, also=also)
        log.info("deletion ended", calendar_id=str(calendar.id), outcome=outcome, done=removal.done)
