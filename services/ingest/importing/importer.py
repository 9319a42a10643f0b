"""The importer: takes what waits in the inbox, decides it in batches, and saves each batch in one transaction."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from domain.ownership import Draw
from services.ingest.event_store import EventStore, LostRace
from services.ingest.importing.decide import Sorted, Undecidable, decide, sort_out
from services.ingest.importing.gather import concerned_by, gather
from services.ingest.importing.index import indexed
from services.ingest.importing.lanes import Lanes
from services.ingest.inbox.deliveries import Delivery
from services.ingest.inbox.settle import settle

log = structlog.get_logger(__name__)

BATCH = 500
"""Deliveries decided together; larger ones hold the store's lock longer and gain nothing."""
ROUND = 20 * BATCH
"""Deliveries after which the inbox is read from its beginning: one whose arrival was committed late may wait there."""


class Waiting(Protocol):
    """Where deliveries wait."""

    async def waiting(self, limit: int, *, after: int = 0) -> list[Delivery]:
        """Return the oldest deliveries that wait behind a place in the inbox, at most `limit`."""
        ...


class Importer:
    """Turns deliveries into appointments and contacts (R4, R9), each exactly once."""

    def __init__(self, *, store: EventStore, inbox: Waiting, clock: Callable[[], datetime], draw: Draw) -> None:
        self._store = store
        self._inbox = inbox
        self._clock = clock
        self._draw = draw

    async def import_waiting(self) -> int:
        """Import what waits, at most a round, and return how many deliveries that settled; 0 when none waits.

        A delivery that cannot be decided is parked and the others go on. While one batch is saved the next is decided.
        """
        settled, place = 0, 0
        async with Lanes() as lanes:
            while settled < ROUND:
                deliveries = await self._inbox.waiting(BATCH, after=place)
                out = sort_out(deliveries)
                await lanes.start(self._import(out), concerned=concerned_by(out.told))
                settled += len(deliveries)
                if len(deliveries) < BATCH:
                    break
                place = deliveries[-1].seq
        return settled

    async def _import(self, out: Sorted) -> None:
        """Decide a batch and save it; anew when another writer was first, or when a delivery is undecidable."""
        while not out.empty:
            try:
                await self._decide_and_save(out)
                break
            except LostRace:
                log.info("import lost a race and decides again", deliveries=len(out.told))
                await asyncio.sleep(0)
            except Undecidable as fault:
                out = out.parking(fault)

    async def _decide_and_save(self, out: Sorted) -> None:
        gathered = await gather(self._store, out.told)
        outcomes = out.outcomes | decide(out.told, gathered, clock=self._clock, draw=self._draw)
        await self._store.save(
            [*gathered.contacts.values(), *gathered.bookings.values()],
            expect=gathered.versions_read(),
            also=[*settle(outcomes, out.parked, at=self._clock()), *indexed(gathered.bookings.values())],
        )
