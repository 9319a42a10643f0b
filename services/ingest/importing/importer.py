"""The importer: takes what waits in the inbox, decides it in batches, and saves each batch in one transaction."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog

from domain.import_booking import Outcome
from domain.ownership import Draw
from services.ingest.event_store import EventStore, LostRace
from services.ingest.importing.decide import Undecidable, decide, sort_out
from services.ingest.importing.gather import gather
from services.ingest.importing.index import indexed
from services.ingest.inbox.deliveries import Delivery
from services.ingest.inbox.settle import settle

log = structlog.get_logger(__name__)

BATCH = 500
"""Deliveries decided together; larger ones hold the store's lock longer and gain nothing."""


class Waiting(Protocol):
    """Where deliveries wait."""

    async def waiting(self, limit: int) -> list[Delivery]:
        """Return the oldest deliveries that wait, at most `limit`."""
        ...


class Importer:
    """Turns deliveries into appointments and contacts (R4, R9), each exactly once."""

    def __init__(self, *, store: EventStore, inbox: Waiting, clock: Callable[[], datetime], draw: Draw) -> None:
        self._store = store
        self._inbox = inbox
        self._clock = clock
        self._draw = draw

    async def import_waiting(self) -> int:
        """Import one batch and return how many deliveries it settled; 0 when none waits.

        A delivery that cannot be decided is parked and the others go on. Another writer that was first makes the
        batch be read and decided anew.
        """
        set_aside: dict[UUID, str] = {}
        while True:
            deliveries = await self._inbox.waiting(BATCH)
            try:
                await self._import(deliveries, set_aside)
            except LostRace:
                log.info("import lost a race and decides again", deliveries=len(deliveries))
                await asyncio.sleep(0)
            except Undecidable as fault:
                set_aside[fault.delivery_id] = fault.reason
            else:
                return len(deliveries)

    async def _import(self, deliveries: list[Delivery], set_aside: dict[UUID, str]) -> None:
        if not deliveries:
            return
        out = sort_out(deliveries, set_aside=set_aside)
        gathered = await gather(self._store, out.told)
        outcomes: dict[UUID, Outcome] = {
            **out.outcomes,
            **decide(out.told, gathered, clock=self._clock, draw=self._draw),
        }
        await self._store.save(
            [*gathered.contacts.values(), *gathered.bookings.values()],
            expect=gathered.versions_read(),
            also=[*settle(outcomes, out.parked, at=self._clock()), *indexed(gathered.bookings.values())],
        )
