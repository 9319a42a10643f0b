"""Access to a connection's account: its token, refreshed in time, and what a refused one means.

A refresh token works once. So one process at a time refreshes a connection's, under a lock of the database, and what it
got is stored before anybody uses it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from services.ingest.calendly.errors import GrantRefused, TokenRefused
from services.ingest.calendly.oauth import Grant, OAuth
from services.ingest.connections.rows import Row
from services.ingest.secrets.vault import Vault
from services.runtime.database import Connection

log = structlog.get_logger(__name__)

SPARE = timedelta(minutes=1)
"""A token that expires within it is refreshed first; one refused within it of being given is not refreshed again."""

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"

_CURRENT = """
SELECT token, refresh_token, token_expires_at, token_since
  FROM ingest.connections WHERE id = $1 AND state <> 'disconnected'
"""

_KEEP = """
UPDATE ingest.connections SET token = $2, refresh_token = $3, token_expires_at = $4, token_since = $5
 WHERE id = $1 AND state <> 'disconnected'
"""

_NEEDS_RECONNECT = """
UPDATE ingest.connections SET state = 'needs_reconnect'
 WHERE id = $1 AND token = $2 AND state <> 'disconnected' RETURNING id
"""


class Access:
    """Gives tokens. `oauth` is None where no app is configured: tokens that expired are then refused."""

    def __init__(self, pool: asyncpg.Pool, *, vault: Vault, oauth: OAuth | None, clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._vault = vault
        self._oauth = oauth
        self._clock = clock

    async def access_token(self, row: Row) -> str:
        """Return a token that is good for a minute at least.

        Raises TokenRefused where the account must be connected again (its state says so from then on), Unavailable
        where Calendly cannot refresh now, and SecretUnreadable.
        """
        if self._good(row.token_expires_at):
            return self._vault.open(row.token, owner=row.id).decode()
        return await self._renewed(row.id, unless=lambda found: self._good(found["token_expires_at"]))

    async def refused(self, row: Row) -> None:
        """Take note that Calendly refused the row's token. One of OAuth may have been revoked: it is refreshed once;
        any other means that the account must be connected again.
        """
        fresh = row.token_since is not None and self._clock() - row.token_since < SPARE
        if row.refresh_token is None or fresh:
            await self._needs_reconnect(row.id, row.token)
            return
        with suppress(TokenRefused):  # the state says so then
            await self._renewed(row.id, unless=lambda found: found["token"] != row.token)

    def _good(self, expires_at: datetime | None) -> bool:
        return expires_at is None or expires_at - self._clock() > SPARE

    async def _renewed(self, connection_id: UUID, *, unless: Callable[[Any], bool]) -> str:
        # Shielded: who is cancelled between Calendly's answer and its storing would lose the new pair.
        token = await asyncio.shield(asyncio.ensure_future(self._renew(connection_id, unless)))
        if token is None:
            raise TokenRefused(f"the access of connection {connection_id} can no longer be refreshed")
        return token

    async def _renew(self, connection_id: UUID, unless: Callable[[Any], bool]) -> str | None:
        async with self._pool.acquire() as session, session.transaction():
            await session.execute(_LOCK, f"bookstream-refresh {connection_id}")
            found = await session.fetchrow(_CURRENT, connection_id)
            if found is None:
                return None
            if unless(found):  # another was first
                return self._vault.open(found["token"], owner=connection_id).decode()
            return await self._refresh(session, connection_id, found)

    async def _refresh(self, session: Connection, connection_id: UUID, found: Any) -> str | None:
        if self._oauth is None or found["refresh_token"] is None:
            return None
        refresh_token = self._vault.open(found["refresh_token"], owner=connection_id).decode()
        try:
            grant = await self._oauth.refresh(refresh_token, now=self._clock())
        except GrantRefused:
            await self._needs_reconnect(connection_id, found["token"], session)
            return None
        await session.execute(_KEEP, connection_id, *self.sealed(grant, owner=connection_id), self._clock())
        return grant.access

    def sealed(self, grant: Grant, *, owner: UUID) -> tuple[bytes, bytes | None, datetime | None]:
        """Return a grant as it is stored: access token, refresh token, and when the access token expires."""
        refresh = self._vault.seal(grant.refresh.encode(), owner=owner) if grant.refresh else None
        return self._vault.seal(grant.access.encode(), owner=owner), refresh, grant.expires_at

    async def _needs_reconnect(self, connection_id: UUID, token: bytes, session: Connection | None = None) -> None:
        # Only while it is still this token: another may have been given meanwhile.
        if await (session or self._pool).fetchval(_NEEDS_RECONNECT, connection_id, token):
            log.warning("account must be connected again", connection=str(connection_id))
