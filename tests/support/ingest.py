"""Ingest over HTTP on a real database and a Calendly stand-in, for tests."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
from prometheus_client import CollectorRegistry

from devstack.processes import free_port
from services.ingest.event_store import EventStore
from services.ingest.settings import IngestSettings
from services.ingest.web import open_web
from services.runtime.database import pool as database_pool
from services.runtime.health import Checks
from services.runtime.migrations import migrate
from services.runtime.server import serve
from services.runtime.tokens import mint
from tests.support.serving import connected

SECRET = "a secret of thirty-two characters, or more"
SCOPES = "connections:read connections:write"


@dataclass(frozen=True, kw_only=True)
class Ingest:
    """A client of the running app, and what stands behind it."""

    http: httpx2.AsyncClient
    pool: asyncpg.Pool
    store: EventStore

    async def call(
        self, method: str, path: str, body: Any = None, *, subaccount: UUID, scope: str = SCOPES
    ) -> httpx2.Response:
        """Call the API below a subaccount, as somebody who may see that one alone."""
        headers = {"Authorization": f"Bearer {token(subaccount, scope=scope)}"}
        return await self.http.request(method, f"/v1/subaccounts/{subaccount}{path}", json=body, headers=headers)


def token(subaccount: UUID, *, scope: str = SCOPES) -> str:
    """Return an access token."""
    now, lifetime = datetime.now(UTC), timedelta(minutes=5)
    return mint(SECRET, user="tests", subaccounts=[str(subaccount)], scope=scope, now=now, lifetime=lifetime)


async def tables(database_url: str) -> None:
    """Make ingest's tables."""
    folder = files("services.ingest") / "migrations"
    await asyncio.to_thread(migrate, database_url=database_url, service="ingest", folder=folder)


@asynccontextmanager
async def ingest_over_http(*, database_url: str, calendly_url: str) -> AsyncIterator[Ingest]:
    """Serve ingest's app at the address that Calendly is told; importing and relaying do not run."""
    port = free_port()
    settings = _settings(database_url, calendly_url, f"http://127.0.0.1:{port}")
    async with (
        database_pool(database_url) as pool,
        EventStore.open(database_url) as store,
        open_web(settings, pool, store, checks=Checks({}), registry=CollectorRegistry()) as app,
        _served(app, port),
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http,
    ):
        yield Ingest(http=http, pool=pool, store=store)


@asynccontextmanager
async def _served(app: Any, port: int) -> AsyncIterator[None]:
    task = asyncio.create_task(serve(app, host="127.0.0.1", port=port))
    try:
        await connected(port, task)
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _settings(database_url: str, calendly_url: str, public_url: str) -> IngestSettings:
    given: dict[str, Any] = {
        "database_url": database_url,
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "public_url": public_url,
        "calendly_api_url": calendly_url,
        "secrets_key": base64.b64encode(b"k" * 32).decode(),
        "auth_jwt_secret": SECRET,
    }
    return IngestSettings(**given)
