"""One request to Calendly: to the pinned host only, within the rate limit, tried again while that can help."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2

from services.ingest.calendly.errors import (
    AlreadyExists,
    CalendlyError,
    NotFound,
    PermissionDenied,
    Refused,
    ScopesMissing,
    TokenRefused,
    Unavailable,
)

FIRST_WAIT = 0.2
"""Seconds before the second attempt; each further wait is twice as long."""


@dataclass
class Budget:
    """What is left of a user's requests in this minute, as the last answer said. All work of a connection shares it."""

    remaining: int = 1
    resets_at: float = field(default=0.0)

    def note(self, headers: Mapping[str, str], *, now: float) -> None:
        """Take the figures of an answer; `X-RateLimit-Reset` is in seconds from now."""
        remaining, reset = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
        if remaining.isdigit() and reset.isdigit():
            self.remaining, self.resets_at = int(remaining), now + int(reset)

    def wait(self, *, now: float) -> float:
        """Return the seconds until a request may be made."""
        return max(0.0, self.resets_at - now) if self.remaining <= 0 else 0.0


class Transport:
    """Sends requests with one token."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        *,
        token: str,
        budget: Budget,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._token = token
        self._budget = budget
        self._patience = patience
        self._clock = clock

    async def send(
        self,
        method: str,
        uri: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the answer's JSON, None where there is none. Raises CalendlyError.

        `uri` may be one of Calendly's resource URIs, which are names: the request goes to the configured host with the
        path of the URI. Waiting and trying again end after `patience` seconds.
        """
        until, wait = self._clock() + self._patience, FIRST_WAIT
        while True:
            await self._respect_budget(until)
            try:
                return await self._attempt(method, uri, query, body)
            except Unavailable as error:
                pause = error.wait if error.wait is not None else wait
                if self._clock() + pause > until:
                    raise
                await asyncio.sleep(pause)
                wait *= 2

    async def _respect_budget(self, until: float) -> None:
        pause = self._budget.wait(now=self._clock())
        if pause and self._clock() + pause > until:
            raise Unavailable("the rate limit is used up", wait=pause)
        if pause:
            await asyncio.sleep(pause)

    async def _attempt(
        self, method: str, uri: str, query: Mapping[str, str] | None, body: Mapping[str, Any] | None
    ) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        path = urlsplit(uri).path
        try:
            answer = await self._http.request(method, path, params=query, json=body, headers=headers)
        except httpx2.HTTPError as error:
            raise Unavailable(f"{method} {path}: {type(error).__name__}") from None
        self._budget.note(answer.headers, now=self._clock())
        if answer.is_success:
            return answer.json() if answer.content else None
        raise _error(answer, f"{method} {path}: {answer.status_code}")


_PLAIN: dict[int, type[CalendlyError]] = {401: TokenRefused, 404: NotFound, 409: AlreadyExists, 424: Unavailable}


def _error(answer: httpx2.Response, call: str) -> CalendlyError:
    status, told = answer.status_code, _told(answer)
    if status == 403 and told is not None:
        return _denied(told, call)
    if status == 429:
        return Unavailable(call, wait=_asked_for(answer))
    if status >= 500 or status == 403:  # a 403 that is not JSON comes from what stands before Calendly
        return Unavailable(call)
    return _PLAIN.get(status, Refused)(call)


def _told(answer: httpx2.Response) -> dict[str, Any] | None:
    try:
        told = answer.json()
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _denied(told: dict[str, Any], call: str) -> CalendlyError:
    scopes = told.get("required_scopes")
    if isinstance(scopes, list):
        return ScopesMissing(tuple(str(scope) for scope in scopes))
    return PermissionDenied(call)


def _asked_for(answer: httpx2.Response) -> float:
    asked = answer.headers.get("retry-after") or answer.headers.get("x-ratelimit-reset") or ""
    return float(asked) if asked.isdigit() else 1.0
