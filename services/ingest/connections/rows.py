"""The rows that run a connection. Reading is asyncpg's; writing happens in the event store's transactions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from domain.connection import CalendarLabel
from services.ingest.event_store import Statement

_SELECT = """
SELECT id, subaccount_id, user_id, calendly_user_uri, organization_uri, plan, state, token, signing_keys,
       subscription_uri, connected_at, calendars_read_at, refresh_token, token_expires_at, token_since,
       subscription_number, replacing, retired_subscriptions, subscribed_at
  FROM ingest.connections WHERE state <> 'disconnected' AND subaccount_id = $1
"""

_INSERT = """
INSERT INTO ingest.connections (id, subaccount_id, user_id, calendly_user_uri, organization_uri, plan, state, token,
                                signing_keys, subscription_uri, connected_at, calendars_read_at, refresh_token,
                                token_expires_at, token_since, subscribed_at)
VALUES (%(id)s, %(subaccount_id)s, %(user_id)s, %(calendly_user_uri)s, %(organization_uri)s, %(plan)s, 'connected',
        %(token)s, %(signing_keys)s, %(subscription_uri)s, %(connected_at)s, %(calendars_read_at)s,
        %(refresh_token)s, %(token_expires_at)s, %(token_since)s, %(subscribed_at)s)
"""

_INSERT_CALENDARS = """
INSERT INTO ingest.calendars (connection_id, uri, name, kind)
SELECT %(id)s, * FROM unnest(%(uris)s::text[], %(names)s::text[], %(kinds)s::text[])
"""

_END = """
UPDATE ingest.connections SET state = 'disconnected', token = NULL, refresh_token = NULL, signing_keys = '{}'
 WHERE id = %(id)s
"""

_TELL = "SELECT pg_notify('connections', %(id)s)"

_KEEP_CALENDARS = """
WITH gone AS (DELETE FROM ingest.calendars WHERE connection_id = $1 AND uri <> ALL($2::text[])),
     read AS (UPDATE ingest.connections SET calendars_read_at = $5 WHERE id = $1)
INSERT INTO ingest.calendars (connection_id, uri, name, kind)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[])
ON CONFLICT (connection_id, uri) DO UPDATE SET name = excluded.name, kind = excluded.kind
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A connection that is not disconnected. One made by a personal access token has no refresh token."""

    id: UUID
    subaccount_id: UUID
    user_id: UUID
    calendly_user_uri: str
    organization_uri: str
    plan: str
    state: str
    token: bytes
    signing_keys: list[bytes]
    subscription_uri: str | None
    connected_at: datetime
    calendars_read_at: datetime
    refresh_token: bytes | None = None
    token_expires_at: datetime | None = None
    token_since: datetime | None = None
    subscription_number: int = 1
    replacing: bool = False
    retired_subscriptions: list[str] = field(default_factory=list[str])
    subscribed_at: datetime | None = None


class Rows:
    """Reads connections, and keeps the list of an account's calendars."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of_subaccount(self, subaccount_id: UUID) -> list[Row]:
        """Return a subaccount's connections, oldest first."""
        rows = await self._pool.fetch(f"{_SELECT} ORDER BY connected_at, id", subaccount_id)
        return [Row(**row) for row in rows]

    async def one(self, subaccount_id: UUID, connection_id: UUID) -> Row | None:
        """Return one connection; None where the subaccount has no such one."""
        row = await self._pool.fetchrow(f"{_SELECT} AND id = $2", subaccount_id, connection_id)
        return Row(**row) if row else None

    async def by_id(self, connection_id: UUID) -> Row | None:
        """Return one connection whatever its subaccount: for background work, never for a caller."""
        statement = _SELECT.replace("AND subaccount_id = $1", "AND id = $1")
        row = await self._pool.fetchrow(statement, connection_id)
        return Row(**row) if row else None

    async def sealed_keys(self, connection_id: UUID) -> list[bytes] | None:
        """Return the sealed signing keys of a connection; None where there is none, or it is disconnected."""
        statement = "SELECT signing_keys FROM ingest.connections WHERE id = $1 AND state <> 'disconnected'"
        return await self._pool.fetchval(statement, connection_id)

    async def calendars(self, connection_id: UUID) -> dict[str, CalendarLabel]:
        """Return the account's calendars as last read, by URI."""
        statement = "SELECT uri, name, kind FROM ingest.calendars WHERE connection_id = $1 ORDER BY name, uri"
        return {row["uri"]: CalendarLabel(**row) for row in await self._pool.fetch(statement, connection_id)}

    async def keep_calendars(self, connection_id: UUID, labels: Iterable[CalendarLabel], *, at: datetime) -> None:
        """Replace the list of an account's calendars."""
        columns = _columns(labels)
        arguments = (columns["uris"], columns["names"], columns["kinds"], at)
        await self._pool.execute(_KEEP_CALENDARS, connection_id, *arguments)


def inserted(row: Row, labels: Iterable[CalendarLabel]) -> list[Statement]:
    """Return the statements that store a new connection with its calendars, and tell the intake of its keys."""
    return [
        (_INSERT, row.__dict__),
        (_INSERT_CALENDARS, {"id": row.id, **_columns(labels)}),
        (_TELL, {"id": str(row.id)}),
    ]


def ended(connection_id: UUID) -> Sequence[Statement]:
    """Return the statements that end a connection: its secrets go, and the intake is told."""
    return [(_END, {"id": connection_id}), (_TELL, {"id": str(connection_id)})]


def _columns(labels: Iterable[CalendarLabel]) -> dict[str, list[str]]:
    rows = list(labels)
    return {"uris": [one.uri for one in rows], "names": [one.name for one in rows], "kinds": [one.kind for one in rows]}
