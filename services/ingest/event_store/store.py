"""The event store as the rest of ingest sees it: asynchronous, in bulk, all or nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar, cast
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError, Notification, PersistenceError
from eventsourcing.postgres import PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from domain.recorded import Aggregate, Recorded
from services.ingest.event_store import topics
from services.ingest.event_store.mapper import to_recorded, to_stored
from services.ingest.event_store.recorder import LostRace, Recorder, Statement

Kind = TypeVar("Kind", bound=Aggregate)
Answer = TypeVar("Answer")

_OVERWRITE = """
UPDATE ingest.events AS e SET state = s.state
  FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[]) AS s (id, version, state)
 WHERE e.originator_id = s.id AND e.originator_version = s.version
"""

UNAVAILABLE = (psycopg.Error, PersistenceError)
"""What is raised while the database cannot be reached or ends a session: to be waited out and tried again."""


@dataclass(frozen=True, kw_only=True)
class LogEntry:
    """One event and its place in the log. Positions rise in the order of commits; they may have gaps."""

    position: int
    event: Recorded


class EventStore:
    """Loads and saves aggregates; reads the log."""

    def __init__(self, *, recorder: Recorder, threads: ThreadPoolExecutor) -> None:
        self._recorder = recorder
        self._threads = threads

    @classmethod
    @asynccontextmanager
    async def open(cls, database_url: str, *, connections: int = 4) -> "AsyncIterator[EventStore]":
        """Open the store on schema `ingest`; close its connections at the end."""
        topics.register()
        datastore = _datastore(database_url, connections)
        recorder = Recorder(datastore, events_table_name="events")
        with ThreadPoolExecutor(connections, thread_name_prefix="event-store") as threads:
            try:
                yield cls(recorder=recorder, threads=threads)
            finally:
                datastore.close()

    async def load(self, kind: type[Kind], ids: Iterable[UUID]) -> dict[UUID, Kind]:
        """Return each aggregate by its id, in one read; one that has no events has version 0."""
        wanted = list(dict.fromkeys(ids))
        events = await self.events_of(wanted)
        return {one: kind.replayed(one, events.get(one, ())) for one in wanted}

    async def events_of(self, ids: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        """Return the events of aggregates of any kind, in one read; those without events are left out."""
        return await self._run(lambda: self._select(ids)) if ids else {}

    async def history(self, aggregate_id: UUID) -> list[LogEntry]:
        """Return an aggregate's events with their places in the log, oldest first."""
        return await self._run(lambda: [_entry(one) for one in self._recorder.select_history(aggregate_id)])

    async def save(
        self,
        aggregates: Iterable[Aggregate],
        *,
        expect: Mapping[UUID, int] | None = None,
        also: Sequence[Statement] = (),
    ) -> None:
        """Save what the aggregates recorded, and run `also`, in one transaction.

        `expect` names aggregates that were read and must still have the version given. Raises LostRace when another
        writer was first; then nothing was saved.
        """
        recorded = [event for aggregate in aggregates for event in aggregate.collect_events()]
        if not recorded and not also:
            return
        await self._run(lambda: self._insert(recorded, expect, also))

    def overwriting(self, events: Iterable[Recorded]) -> Statement:
        """Return the statement that puts other facts in the place of stored events: for forgetting a person only."""
        stored = [to_stored(event) for event in events]
        places = [one.originator_id for one in stored], [one.originator_version for one in stored]
        return _OVERWRITE, (*places, [one.state for one in stored])

    async def read(self, *, after: int, limit: int) -> list[LogEntry]:
        """Return the entries that follow a position, oldest first, at most `limit`."""
        return await self._run(lambda: self._read(after, limit))

    async def end(self) -> int:
        """Return the position of the newest entry, 0 when the log is empty."""
        return await self._run(self._recorder.max_notification_id) or 0

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _select(self, ids: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        rows = self._recorder.select_many(ids)
        by_aggregate = groupby(rows, key=lambda row: cast(UUID, row.originator_id))
        return {one: [to_recorded(row) for row in group] for one, group in by_aggregate}

    def _insert(
        self, recorded: Sequence[Recorded], expect: Mapping[UUID, int] | None, also: Sequence[Statement]
    ) -> None:
        stored = [to_stored(event) for event in recorded]
        try:
            self._recorder.insert_events(stored, expect=expect, also=also)
        except IntegrityError as conflict:
            if isinstance(conflict.__cause__, psycopg.errors.UniqueViolation):
                raise LostRace from conflict
            raise  # what breaks any other constraint would break it again, for ever

    def _read(self, after: int, limit: int) -> list[LogEntry]:
        notifications = self._recorder.select_notifications(after, limit, inclusive_of_start=False)
        return [_entry(one) for one in notifications]


def _entry(notification: Notification) -> LogEntry:
    return LogEntry(position=notification.id, event=to_recorded(notification))


def _datastore(database_url: str, connections: int) -> PostgresDatastore:
    parts: dict[str, Any] = conninfo_to_dict(database_url)
    datastore = PostgresDatastore(
        dbname=parts.pop("dbname", ""),
        host=parts.pop("host", ""),
        port=parts.pop("port", 5432),
        user=parts.pop("user", ""),
        password=parts.pop("password", ""),
        schema="ingest",
        pool_size=1,
        max_overflow=connections - 1,
        connect_timeout=30,
        lock_timeout=30,
    )
    cast(dict[str, Any], datastore.pool.kwargs).update(parts)  # what the library has no name for, TLS among it
    return datastore
