"""Calendly's OAuth: authorization code with PKCE S256, and refresh tokens that work once."""

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
from pydantic import ValidationError

from services.ingest.calendly.errors import GrantRefused, Refused, Unavailable
from services.ingest.calendly.models import TokenAnswer

SCOPES = "users:read organizations:read event_types:read scheduled_events:read webhooks:write"
"""All that Bookstream needs, and no more."""


CALLBACK = "/oauth/calendly/callback"
"""Where Calendly sends the user back to, below PUBLIC_URL."""


@dataclass(frozen=True, kw_only=True)
class OAuthApp:
    """Bookstream as registered at Calendly, which signs all deliveries of the app with one key."""

    client_id: str
    client_secret: str = field(repr=False)
    signing_key: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What Calendly gave: a personal access token stands alone, a token of OAuth expires and can be refreshed once."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


class OAuth:
    """The calls of OAuth. No call is repeated: a code or refresh token that was sent may be used up."""

    def __init__(self, http: httpx2.AsyncClient, app: OAuthApp, *, auth_url: str) -> None:
        self._http = http
        self._auth_url = auth_url.rstrip("/")
        self.app = app

    def authorize_url(self, *, state: str, verifier: str) -> str:
        """Return where the user allows access."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": self.app.client_id,
            "redirect_uri": self.app.redirect_uri,
            "response_type": "code",
            "scope": SCOPES,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._auth_url}/oauth/authorize?{urlencode(query)}"

    async def redeem(self, code: str, *, verifier: str, now: datetime) -> Grant:
        """Return what the code gives. Raises GrantRefused, Refused or Unavailable."""
        form = {"code": code, "code_verifier": verifier, "redirect_uri": self.app.redirect_uri}
        return await self._token("authorization_code", form, now)

    async def refresh(self, refresh_token: str, *, now: datetime) -> Grant:
        """Return a new pair; the refresh token is used up. Raises GrantRefused, Refused or Unavailable."""
        return await self._token("refresh_token", {"refresh_token": refresh_token}, now)

    async def _token(self, kind: str, form: dict[str, str], now: datetime) -> Grant:
        basic = httpx2.BasicAuth(self.app.client_id, self.app.client_secret)
        try:
            answer = await self._http.post("/oauth/token", data={"grant_type": kind, **form}, auth=basic)
        except httpx2.HTTPError as error:
            raise Unavailable(f"POST /oauth/token: {type(error).__name__}") from None
        if not answer.is_success:
            raise _error(answer)
        try:
            told = TokenAnswer.model_validate(_json(answer))
        except ValidationError:
            raise Unavailable("POST /oauth/token: the answer is not as documented") from None
        expires_at = now + timedelta(seconds=told.expires_in)
        return Grant(access=told.access_token, refresh=told.refresh_token, expires_at=expires_at)


def _error(answer: httpx2.Response) -> Exception:
    told, call = _json(answer), f"POST /oauth/token: {answer.status_code}"
    if isinstance(told, dict) and told.get("error") == "invalid_grant":
        return GrantRefused(call)
    if answer.status_code == 429 or answer.status_code >= 500:
        return Unavailable(call)
    return Refused(call, status=answer.status_code)


def _json(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


@asynccontextmanager
async def open_oauth(app: OAuthApp | None, *, auth_url: str) -> AsyncIterator[OAuth | None]:
    """Yield OAuth, None where no app is configured."""
    if app is None:
        yield None
        return
    async with httpx2.AsyncClient(
        base_url=auth_url, timeout=15.0, follow_redirects=False, headers={"User-Agent": "bookstream/1"}
    ) as http:
        yield OAuth(http, app, auth_url=auth_url)
