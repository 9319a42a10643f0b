"""Applies batches of records to one version of a projection, each record exactly once."""

import time
from collections.abc import Sequence

import asyncpg
import structlog
from aiokafka import ConsumerRecord

from services.projector.applying import dead_letters, positions
from services.projector.applying.batch import BEHIND, Batch, fresh, sort_out
from services.projector.applying.dead_letters import DeadLetter, in_order
from services.projector.applying.faults import NOT_APPLIED, TRANSIENT, attempt, passes
from services.projector.applying.metrics import ProjectionMetrics
from services.projector.projections import Projection
from services.projector.records import Erased, Occurred, key_text
from services.runtime.backoff import Backoff
from services.runtime.database import Connection

log = structlog.get_logger(__name__)

__all__ = ["TRANSIENT", "Applier"]


class Applier:
    """Applies records in order. Rows, positions and dead letters commit together (DESIGN 6.5)."""

    def __init__(self, pool: asyncpg.Pool, projection: Projection, *, version: int, metrics: ProjectionMetrics) -> None:
        self._pool = pool
        self._projection = projection
        self._metrics = metrics
        self.name = projection.name
        self.version = version
        self.trouble: str | None = None
        """The class of the error that is being waited out; None while all is well."""
        self.defect: Exception | None = None
        """What ended the applying: no record may be applied after one that was not."""

    async def apply(self, records: Sequence[ConsumerRecord]) -> None:
        """Apply records; return once they are committed. Records that were applied before change nothing.

        Raises VersionGone. Any other error that comes out is a defect, and comes again at every further call: nothing
        may be applied after records that were not.
        """
        if self.defect is not None:
            raise self.defect
        backoff, singly = Backoff(), False
        while True:
            try:
                await self._apply(records, singly=singly)
            except positions.VersionGone:
                raise
            except Exception as error:
                if passes(error):
                    await self._wait(error, backoff)
                    continue
                if singly:
                    self.defect = error
                    raise
                log.warning("batch is applied singly", projection=self.name, error=type(error).__name__)
                singly = True
            else:
                self.trouble = None
                return

    async def _wait(self, error: Exception, backoff: Backoff) -> None:
        self.trouble = type(error).__name__
        log.warning("projection waits", projection=self.name, error=self.trouble)
        await backoff.wait()

    async def _apply(self, records: Sequence[ConsumerRecord], *, singly: bool) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            batch, applied = await self.apply_within(connection, records, singly=singly)
        self._metrics.count(batch, applied, now=time.time())

    async def apply_within(
        self, connection: Connection, records: Sequence[ConsumerRecord], *, singly: bool
    ) -> tuple[Batch, int]:
        """Apply records once, in the caller's transaction; return what they were and how many changed rows.

        With `singly` a record that cannot be written is set aside alone. Raises VersionGone, Overtaken and whatever
        the database says.
        """
        name, version = self.name, self.version
        known, letters = await positions.claim(connection, name=name, version=version)
        new = fresh(records, known)
        if not new:
            return Batch(), 0
        held = set[str]()
        if letters:
            held = await dead_letters.held_keys(connection, map(key_text, new), name=name, version=version)
        batch = sort_out(new, held=held, null_erases=self._projection.null_erases)
        applied = await (self._write_singly if singly else self._write)(connection, batch)
        await dead_letters.store(connection, batch.letters, name=name, version=version)
        await positions.advance(connection, name=name, version=version, known=known, moved=batch.moved, applied=applied)
        return batch, applied

    async def _write(self, connection: Connection, batch: Batch) -> int:
        events = [event for _, event in batch.readable]
        await self._projection.write(connection, events, version=self.version)
        return len(events)

    async def _write_singly(self, connection: Connection, batch: Batch) -> int:
        applied, stuck = 0, set[str]()
        for record, event in batch.readable:
            key = key_text(record)
            letter = DeadLetter(record, BEHIND, behind=True) if key in stuck else None
            if letter is None:
                letter = await self._try(connection, record, event)
            if letter is None:
                applied += 1
            else:
                stuck.add(key)
                batch.letters.append(letter)
        batch.letters = in_order(batch.letters)
        return applied

    async def _try(self, connection: Connection, record: ConsumerRecord, event: Occurred | Erased) -> DeadLetter | None:
        error = await attempt(connection, self._projection, event, version=self.version)
        return None if error is None else DeadLetter(record, NOT_APPLIED, error)
