"""A receiver of deliveries, and a caller of the API: what the tests of the stand-in need."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.calendly.admin_client import Account, CalendlyAdmin

DEADLINE = 10.0
"""Seconds to wait for deliveries at most."""
EVENTS = ["invitee.created", "invitee.canceled"]


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request that arrived."""

    path: str
    body: bytes
    signature: str | None

    @property
    def envelope(self) -> dict[str, Any]:
        """The body, read."""
        return json.loads(self.body)

    @property
    def invitee(self) -> str:
        """The booking that it is about."""
        return self.envelope["payload"]["uri"]


@dataclass(kw_only=True)
class Receiver:
    """Keeps what arrives. The next answers are `answers`, after those 202."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: Request) -> Response:
        """Keep a request and answer it."""
        signature = request.headers.get("calendly-webhook-signature")
        got = Received(path=request.url.path, body=await request.body(), signature=signature)
        async with self.arrived:
            self.received.append(got)
            self.arrived.notify_all()
        return Response(status_code=self.answers.pop(0) if self.answers else 202)

    async def until(self, count: int) -> list[Received]:
        """Wait until so many have arrived, and return them; more than that fails."""
        async with asyncio.timeout(DEADLINE), self.arrived:
            await self.arrived.wait_for(lambda: len(self.received) >= count)
        assert len(self.received) == count
        return self.received


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver on a free port."""
    receiver = Receiver()
    app = Starlette(routes=[Route("/{rest:path}", receiver.take, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    listener = socket.create_server(("127.0.0.1", 0))
    receiver.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield receiver
    finally:
        server.should_exit = True
        await serving


@dataclass(frozen=True, kw_only=True)
class Studio:
    """An organization with an owner and a member, and a calendar of the owner's."""

    admin: CalendlyAdmin
    http: httpx2.AsyncClient
    organization: str
    owner: Account
    member: Account
    calendar: str

    async def get(self, path: str, token: str | None = None, **query: Any) -> httpx2.Response:
        """Read with the owner's token, or another."""
        headers = {"Authorization": f"Bearer {token or self.owner.token}"}
        return await self.http.get(path.removeprefix("https://api.calendly.com"), params=query or None, headers=headers)

    async def subscribe(self, url: str, account: Account | None = None, **facts: Any) -> httpx2.Response:
        """Subscribe to an account's bookings, the owner's where none is given; None leaves a field out."""
        who = account or self.owner
        body: dict[str, Any] = {
            "url": url,
            "events": EVENTS,
            "organization": self.organization,
            "scope": "user",
            "user": who.uri,
            "signing_key": "key-of-the-connection",
            **facts,
        }
        given = {name: value for name, value in body.items() if value is not None}
        headers = {"Authorization": f"Bearer {who.token}"}
        return await self.http.post("/webhook_subscriptions", json=given, headers=headers)

    async def attempted(self) -> None:
        """Wait until the first delivery has an answer."""
        async with asyncio.timeout(DEADLINE):
            while True:
                if (await self.admin.deliveries())[0]["answers"]:
                    return
                await asyncio.sleep(0.01)

    async def settled(self, state: str, count: int) -> list[dict[str, Any]]:
        """Wait until so many deliveries are in a state, and return them."""
        async with asyncio.timeout(DEADLINE):
            while True:
                found = [one for one in await self.admin.deliveries() if one["state"] == state]
                if len(found) >= count:
                    assert len(found) == count
                    return found
                await asyncio.sleep(0.01)
