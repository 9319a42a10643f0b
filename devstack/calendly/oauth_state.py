"""What OAuth keeps: apps, codes, and token pairs whose refresh tokens work once."""

import base64
import hashlib
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

from devstack.calendly.model import Token, now
from devstack.calendly.state import State

CODE_LIVES = 600
ACCESS_LIVES = 7200
"""Seconds."""
TOKENS_A_MINUTE = 8
"""Token calls of each user."""


@dataclass(kw_only=True)
class App:
    """An OAuth app. Web apps have a secret, native ones have none. All its webhooks share one signing key."""

    redirect_uris: list[str]
    scopes: frozenset[str]
    secret: str | None
    client_id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    signing_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a user allowed an app."""

    user: str
    client_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Code:
    """An authorization code; `made_at` is in seconds of the monotonic clock."""

    grant: Grant
    redirect_uri: str
    challenge: str
    made_at: float = field(default_factory=time.monotonic)

    def fits(self, *, client_id: str, redirect_uri: str, verifier: str) -> bool:
        """Tell whether the code may be redeemed (PKCE S256)."""
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return (
            self.grant.client_id == client_id
            and self.redirect_uri == redirect_uri
            and secrets.compare_digest(self.challenge.encode(), challenge.encode())
            and time.monotonic() - self.made_at < CODE_LIVES
        )


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Tokens as they were given."""

    access: str
    refresh: str
    grant: Grant


@dataclass
class OAuth:
    """Apps and what they hold. `signed_in` is the user who allows whatever is asked; None refuses it."""

    state: State
    signed_in: str | None = None
    apps: dict[str, App] = field(default_factory=dict[str, App])
    codes: dict[str, Code] = field(default_factory=dict[str, Code])
    refreshes: dict[str, Pair] = field(default_factory=dict[str, Pair])
    token_calls: dict[str, deque[float]] = field(default_factory=dict[str, deque[float]])

    def give(self, grant: Grant) -> Pair:
        """Make a token pair."""
        made = Pair(access=secrets.token_urlsafe(32), refresh=secrets.token_urlsafe(32), grant=grant)
        expires_at = now() + timedelta(seconds=ACCESS_LIVES)
        self.state.tokens[made.access] = Token(
            user=grant.user, scopes=grant.scopes, app=grant.client_id, expires_at=expires_at
        )
        self.refreshes[made.refresh] = made
        return made

    def within_limit(self, user: str) -> bool:
        """Count a token call of a user; tell whether it is one of the 8 of this minute."""
        calls, moment = self.token_calls.setdefault(user, deque()), time.monotonic()
        while calls and moment - calls[0] >= 60:
            calls.popleft()
        if len(calls) >= TOKENS_A_MINUTE:
            return False
        calls.append(moment)
        return True

    def revoke(self, token: str, client_id: str) -> None:
        """Revoke an access or a refresh token and its pair; an unknown one is no error."""
        pairs = [one for one in self.refreshes.values() if token in {one.access, one.refresh}]
        for one in pairs:
            if one.grant.client_id == client_id:
                del self.refreshes[one.refresh]
                self.state.tokens[one.access].fault = "The access token was revoked"
        found = self.state.tokens.get(token)
        if found is not None and found.app == client_id:
            found.fault = "The access token was revoked"

    def forget_refresh_tokens(self, user: str) -> None:
        """Make all refresh tokens of a user unknown."""
        for one in [one for one in self.refreshes.values() if one.grant.user == user]:
            del self.refreshes[one.refresh]

    def clear(self) -> None:
        """Forget everything."""
        self.signed_in = None
        for kept in (self.apps, self.codes, self.refreshes, self.token_calls):
            kept.clear()
