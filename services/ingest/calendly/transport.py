"""One request to Calendly: to the pinned host only, within the rate limit, tried again while that can help."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from services.ingest.calendly import answers
from services.ingest.calendly.budget import Budget
from services.ingest.calendly.errors import Unavailable

FIRST_WAIT = 0.2
"""Seconds before the second attempt; each further wait is twice as long."""


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
        return answers.read(answer, f"{method} {path}")
