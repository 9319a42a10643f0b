"""The keys that may sign a connection's deliveries, remembered for a while and forgotten when the database tells."""

import time
from uuid import UUID

from services.ingest.connections.rows import Rows
from services.ingest.notices import Notices
from services.ingest.secrets.vault import Vault

KEPT_FOR = 30.0
"""Seconds that an answer is remembered, in case a notification is lost."""
MOST = 10_000
"""Answers remembered; made-up connection ids must not fill the memory."""


class StoredSigningKeys:
    """Answers from memory where it can: this stands in the way of every delivery."""

    def __init__(self, rows: Rows, vault: Vault, notices: Notices) -> None:
        self._rows = rows
        self._vault = vault
        self._notices = notices
        self._known: dict[UUID, tuple[float, tuple[bytes, ...] | None]] = {}
        self._era = 0

    async def keys_of(self, connection_id: UUID) -> tuple[bytes, ...] | None:
        """Return the keys that may have signed; None where there is no such connection, or it is disconnected.

        Raises SecretUnreadable.
        """
        known = self._known.get(connection_id)
        if known is not None and time.monotonic() - known[0] < KEPT_FOR:
            return known[1]
        asked_in = self._era
        sealed = await self._rows.sealed_keys(connection_id)
        keys = None if sealed is None else tuple(self._vault.open(key, owner=connection_id) for key in sealed)
        if asked_in == self._era:  # else the answer may be older than the change that was told meanwhile
            self._remember(connection_id, keys)
        return keys

    async def forget_when_told(self) -> None:
        """Forget everything whenever a connection changed; runs for ever."""
        while True:
            await self._notices.wait(at_most=KEPT_FOR)
            self._known.clear()
            self._era += 1

    def _remember(self, connection_id: UUID, keys: tuple[bytes, ...] | None) -> None:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[connection_id] = time.monotonic(), keys
