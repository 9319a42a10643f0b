"""The library's recorder, with three things more: many aggregates in one read, versions that must not have moved, and
statements that commit with the events.

It inserts all events by one statement, and each statement is answered before the next is sent. The library sends them
ahead in a pipeline, where now and then the first error is told only as "pipeline aborted": a broken constraint then
looks like trouble that passes.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from eventsourcing.persistence import InterfaceError, Notification, OperationalError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier
from psycopg_pool import PoolTimeout

Work = ParamSpec("Work")
Answer = TypeVar("Answer")

ATTEMPTS, PAUSE = 10, 0.2
"""How often a statement is tried, and seconds in between: each session of the pool can have ended."""

Statement = tuple[str, Sequence[Any] | Mapping[str, Any]]
"""A psycopg statement and its parameters."""


class LostRace(Exception):
    """Another writer was first: load the aggregates again and decide again."""


def _again(work: Callable[Work, Answer]) -> Callable[Work, Answer]:
    """Try again where a session had ended: the pool does not ask each before it hands it out, which costs a statement.

    A database that cannot be reached at all is not waited for again.
    """

    @wraps(work)
    def again(*args: Work.args, **kwargs: Work.kwargs) -> Answer:
        for _ in range(ATTEMPTS - 1):
            try:
                return work(*args, **kwargs)
            except (InterfaceError, OperationalError) as fault:
                if isinstance(fault.__cause__, PoolTimeout):
                    raise
            time.sleep(PAUSE)
        return work(*args, **kwargs)

    return again


class Recorder(PostgresApplicationRecorder):
    """Stored events in one table of one schema."""

    @_again
    def select_many(self, ids: Sequence[UUID]) -> list[StoredEvent]:
        """Return the events of many aggregates, those of each in order."""
        statement = SQL(
            "SELECT originator_id, originator_version, topic, state FROM {}.{}"
            " WHERE originator_id = ANY(%s) ORDER BY originator_id, originator_version"
        ).format(Identifier(self.datastore.schema), Identifier(self.events_table_name))
        with self.datastore.get_connection() as connection, connection.cursor() as cursor:
            cursor.execute(statement, (list(ids),), prepare=True)
            return [StoredEvent(**row) for row in cursor.fetchall()]

    @_again
    def select_history(self, aggregate_id: UUID) -> list[Notification]:
        """Return an aggregate's events with their places in the log, oldest first."""
        statement = SQL(
            "SELECT notification_id AS id, originator_id, originator_version, topic, state FROM {}.{}"
            " WHERE originator_id = %s ORDER BY originator_version"
        ).format(Identifier(self.datastore.schema), Identifier(self.events_table_name))
        with self.datastore.get_connection() as connection, connection.cursor() as cursor:
            cursor.execute(statement, (aggregate_id,), prepare=True)
            return [Notification(**row) for row in cursor.fetchall()]

    @_again
    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        expect: Mapping[UUID, int] | None = None,
        also: Sequence[Statement] = (),
        **_: Any,
    ) -> None:
        """Insert events and run statements in one transaction.

        Raises LostRace when an aggregate of `expect` has another version, and the library's errors.
        """
        with self.datastore.get_connection() as connection, connection.transaction(), connection.cursor() as cursor:
            for sql, parameters in also:
                cursor.execute(sql.encode(), parameters)
            if stored_events or expect:
                self._lock(cursor, notify=bool(stored_events))
            if expect:
                self._check_versions(cursor, expect)
            if stored_events:
                self._insert(cursor, stored_events)

    def _lock(self, cursor: Cursor[DictRow], *, notify: bool) -> None:
        """Let nobody else insert until the end of the transaction.

        It makes the order of positions the order of commits, and the check of versions exact.
        """
        also = [SQL("NOTIFY {}").format(Identifier(self.channel_name))] if notify else []
        cursor.execute(SQL("; ").join([*self.lock_table_statements, *also]))

    def _insert(self, cursor: Cursor[DictRow], events: Sequence[StoredEvent]) -> None:
        columns = (
            [one.originator_id for one in events],
            [one.originator_version for one in events],
            [one.topic for one in events],
            [one.state for one in events],
        )
        cursor.execute(
            SQL(
                "INSERT INTO {}.{} (originator_id, originator_version, topic, state)"
                " SELECT * FROM unnest(%b::uuid[], %b::bigint[], %s::text[], %b::bytea[])"
            ).format(Identifier(self.datastore.schema), Identifier(self.events_table_name)),
            columns,
            prepare=True,
        )

    def _check_versions(self, cursor: Cursor[DictRow], expect: Mapping[UUID, int]) -> None:
        cursor.execute(
            SQL(
                "SELECT originator_id, max(originator_version) AS version FROM {}.{}"
                " WHERE originator_id = ANY(%s) GROUP BY originator_id"
            ).format(Identifier(self.datastore.schema), Identifier(self.events_table_name)),
            (list(expect),),
            prepare=True,
        )
        found = {row["originator_id"]: row["version"] for row in cursor.fetchall()}
        if any(found.get(aggregate_id, 0) != version for aggregate_id, version in expect.items()):
            raise LostRace
