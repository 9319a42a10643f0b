"""The library's recorder, with three things more: many aggregates in one read, versions that must not have moved, and
statements that commit with the events.

The table lock that the library takes before an insert makes the order of positions the order of commits, and it is what
makes the check of versions exact: under it nobody else can add an event.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier

Statement = tuple[str, Sequence[Any] | Mapping[str, Any]]
"""A psycopg statement and its parameters."""


class LostRace(Exception):
    """Another writer was first: load the aggregates again and decide again."""


class Recorder(PostgresApplicationRecorder):
    """Stored events in one table of one schema."""

    def select_many(self, ids: Sequence[UUID]) -> list[StoredEvent]:
        """Return the events of many aggregates, those of each in order."""
        statement = SQL(
            "SELECT originator_id, originator_version, topic, state FROM {}.{}"
            " WHERE originator_id = ANY(%s) ORDER BY originator_id, originator_version"
        ).format(Identifier(self.datastore.schema), Identifier(self.events_table_name))
        with self.datastore.get_connection() as connection, connection.cursor() as cursor:
            cursor.execute(statement, (list(ids),), prepare=True)
            return [StoredEvent(**row) for row in cursor.fetchall()]

    def select_history(self, aggregate_id: UUID) -> list[Notification]:
        """Return an aggregate's events with their places in the log, oldest first."""
        statement = SQL(
            "SELECT notification_id AS id, originator_id, originator_version, topic, state FROM {}.{}"
            " WHERE originator_id = %s ORDER BY originator_version"
        ).format(Identifier(self.datastore.schema), Identifier(self.events_table_name))
        with self.datastore.get_connection() as connection, connection.cursor() as cursor:
            cursor.execute(statement, (aggregate_id,), prepare=True)
            return [Notification(**row) for row in cursor.fetchall()]

    def _insert_events(
        self,
        curs: Cursor[DictRow],
        stored_events: Sequence[StoredEvent],  # noqa: ARG002, the library passes it
        *,
        expect: Mapping[UUID, int] | None = None,
        also: Sequence[Statement] = (),
        **_: Any,
    ) -> None:
        for sql, parameters in also:
            curs.execute(sql.encode(), parameters)
        if expect:
            self._lock_table(curs)
            self._check_versions(curs, expect)

    def _check_versions(self, curs: Cursor[DictRow], expect: Mapping[UUID, int]) -> None:
        curs.execute(
            SQL(
                "SELECT originator_id, max(originator_version) AS version FROM {}.{}"
                " WHERE originator_id = ANY(%s) GROUP BY originator_id"
            ).format(Identifier(self.datastore.schema), Identifier(self.events_table_name)),
            (list(expect),),
            prepare=True,
        )
        found = {row["originator_id"]: row["version"] for row in curs.fetchall()}
        if any(found.get(aggregate_id, 0) != version for aggregate_id, version in expect.items()):
            raise LostRace
