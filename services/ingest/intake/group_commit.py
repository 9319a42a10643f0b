"""Deliveries that arrive together share one commit: a batch is whatever came while the last commit ran."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import structlog

log = structlog.get_logger(__name__)

MOST_ROWS = 1000
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of bodies that may wait to be stored; what comes above is refused for now, and Calendly sends it again."""

_STORE = """
WITH stored AS (
    INSERT INTO ingest.inbox (id, connection_id, received_at, event, invitee_uri, body, trace, state, outcome, reason,
                              processed_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::bytea[], $7::text[],
                         $8::text[], $9::text[], $10::text[], $11::timestamptz[])
)
SELECT pg_notify('inbox', '')
"""


class InboxUnavailable(Exception):
    """Nothing can be stored at the moment; the sender must try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One row to be stored: a delivery that waits, is parked (with a reason), or is done because nothing uses it."""

    id: UUID
    connection_id: UUID
    received_at: datetime
    event: str
    invitee_uri: str | None
    body: bytes | None
    trace: str | None
    state: str
    outcome: str | None
    reason: str | None

    @property
    def row(self) -> tuple[object, ...]:
        """The values in the order of the statement."""
        settled_at = self.received_at if self.outcome else None
        return (
            self.id, self.connection_id, self.received_at, self.event, self.invitee_uri, self.body, self.trace,
            self.state, self.outcome, self.reason, settled_at,
        )  # fmt: skip


class GroupCommit:
    """Stores arrivals durably, many in one transaction."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._bytes = 0
        self._some = asyncio.Event()
        self._closed = False

    @classmethod
    @asynccontextmanager
    async def open(cls, pool: asyncpg.Pool) -> "AsyncIterator[GroupCommit]":
        """Run the one task that commits; what waits at the end is refused."""
        commits = cls(pool)
        task = asyncio.create_task(commits._run(), name="group-commit")
        try:
            yield commits
        finally:
            commits._closed = True
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            commits._refuse(commits._waiting)

    async def store(self, arrival: Arrival) -> None:
        """Return once the arrival is durable. Raises InboxUnavailable; it may have been stored all the same."""
        size = len(arrival.body or b"")
        if self._closed or self._bytes + size > MOST_BYTES:
            raise InboxUnavailable
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, stored))
        self._bytes += size
        self._some.set()
        await stored

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            batch = self._take()
            try:
                await self._commit([arrival for arrival, _ in batch])
            except Exception as error:  # noqa: BLE001, whatever it was, those that come later must be tried
                log.warning("deliveries could not be stored", deliveries=len(batch), error=type(error).__name__)
                self._refuse(batch)
            except asyncio.CancelledError:
                self._refuse(batch)
                raise
            else:
                for _, stored in batch:
                    if not stored.done():
                        stored.set_result(None)

    def _take(self) -> list[tuple[Arrival, "asyncio.Future[None]"]]:
        batch, self._waiting = self._waiting[:MOST_ROWS], self._waiting[MOST_ROWS:]
        self._bytes -= sum(len(arrival.body or b"") for arrival, _ in batch)
        if not self._waiting:
            self._some.clear()
        return batch

    async def _commit(self, arrivals: Sequence[Arrival]) -> None:
        columns = zip(*(one.row for one in arrivals), strict=True)
        await self._pool.execute(_STORE, *(list(column) for column in columns), timeout=10)

    def _refuse(self, batch: Sequence[tuple[Arrival, "asyncio.Future[None]"]]) -> None:
        for _, stored in batch:
            if not stored.done():
                stored.set_exception(InboxUnavailable())
