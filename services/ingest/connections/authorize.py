"""Send a user to Calendly to allow access, and take what Calendly sends back (OAuth, PKCE S256)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.recorded import Context
from services.ingest.calendly.oauth import OAuth
from services.ingest.connections.connect_account import ConnectAccount, Connected, connect
from services.ingest.connections.dependencies import Dependencies

LASTS = timedelta(minutes=10)
"""As long as Calendly's codes do."""

_BEGIN = """
WITH expired AS (DELETE FROM ingest.oauth_attempts WHERE expires_at <= $5)
INSERT INTO ingest.oauth_attempts (state_hash, subaccount_id, user_id, verifier, expires_at)
VALUES ($1, $2, $3, $4, $6)
"""

_TAKE = """
DELETE FROM ingest.oauth_attempts WHERE state_hash = $1 RETURNING subaccount_id, user_id, verifier, expires_at
"""


class StateUnknown(Exception):
    """The state was never given out, was used, or has expired."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """For whom access was asked."""

    subaccount_id: UUID
    user_id: UUID
    verifier: str


async def begin(deps: Dependencies, oauth: OAuth, *, subaccount_id: UUID, user_id: UUID, at: datetime) -> str:
    """Return the address at which the user allows access."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    digest = _digest(state)
    sealed = deps.vault.seal(verifier.encode(), owner=_owner(digest))
    await deps.pool.execute(_BEGIN, digest, subaccount_id, user_id, sealed, at, at + LASTS)
    return oauth.authorize_url(state=state, verifier=verifier)


async def take(deps: Dependencies, state: str, *, at: datetime) -> Attempt:
    """Use a state up; return for whom it was. Raises StateUnknown and SecretUnreadable."""
    digest = _digest(state)
    found = await deps.pool.fetchrow(_TAKE, digest)
    if found is None or found["expires_at"] <= at:
        raise StateUnknown
    verifier = deps.vault.open(found["verifier"], owner=_owner(digest)).decode()
    return Attempt(subaccount_id=found["subaccount_id"], user_id=found["user_id"], verifier=verifier)


async def finish(deps: Dependencies, oauth: OAuth, attempt: Attempt, code: str, context: Context) -> Connected:
    """Connect with what the code gives. Raises as `connect` does, and GrantRefused."""
    grant = await oauth.redeem(code, verifier=attempt.verifier, now=deps.clock())
    command = ConnectAccount(subaccount_id=attempt.subaccount_id, user_id=attempt.user_id, grant=grant)
    return await connect(deps, command, context)


def _digest(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()


def _owner(digest: bytes) -> UUID:
    return UUID(bytes=digest[:16])
