"""Outages that were ordered, in front of everything but the admin interface."""

import json
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DOWN = {
    "title": "Internal Server Error",
    "message": "The server encountered an unexpected condition that prevented it from fulfilling the request.",
}


@dataclass
class Outage:
    """What is out of order: `calls` more calls (None: all) of paths that begin with `path`."""

    calls: int | None = 0
    status: int = 503
    path: str = "/"
    cut: str | None = None

    def order(self, *, calls: int | None, status: int = 503, path: str = "/", cut: str | None = None) -> None:
        """Begin an outage, or end it with no calls."""
        self.calls, self.status, self.path, self.cut = calls, status, path, cut

    def strikes(self, path: str) -> bool:
        """Tell whether a call is hit, and count it."""
        if path.startswith("/admin") or not path.startswith(self.path) or self.calls == 0:
            return False
        self.calls = None if self.calls is None else self.calls - 1
        return True


class OutageMiddleware:
    """Lets calls through, answers them with a fault, or breaks their connection."""

    def __init__(self, app: ASGIApp, *, outage: Outage) -> None:
        self._app = app
        self._outage = outage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] != "http" or not self._outage.strikes(scope["path"]):
            await self._app(scope, receive, send)
        elif self._outage.cut is None:
            await _answer(send, self._outage.status)
        else:
            if self._outage.cut == "after":
                await self._app(scope, receive, _nowhere)
            await _break(send)


async def _answer(send: Send, status: int) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(DOWN).encode()})


async def _break(send: Send) -> None:
    # An answer that is begun and never ended makes the server close the connection.
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})


async def _nowhere(_: Message) -> None:
    return
