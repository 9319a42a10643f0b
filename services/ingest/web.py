"""Ingest over HTTP: the webhook in front, the connections API and operations behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.ingest.connections import api as connections_api
from services.ingest.connections import oauth_api
from services.ingest.connections.dependencies import open_dependencies
from services.ingest.connections.signing_keys import StoredSigningKeys
from services.ingest.event_store import EventStore
from services.ingest.history import api as history_api
from services.ingest.inbox import api as inbox_api
from services.ingest.intake.group_commit import GroupCommit
from services.ingest.intake.webhook import PATH, Webhook
from services.ingest.notices import listen
from services.ingest.settings import IngestSettings
from services.runtime.health import Checks
from services.runtime.tokens import keys_from
from services.runtime.web import new_app

TITLE = "Bookstream: ingest"

_ANSWERS = {
    202: "stored; it is processed afterwards",
    400: "not JSON",
    401: "signature missing, wrong, more than 25 hours old or 5 minutes ahead",
    404: "no such connection, or it is disconnected",
    413: "over 1 MiB",
    503: "cannot be stored now; send it again",
}


def open_operations(settings: IngestSettings, checks: Checks, registry: CollectorRegistry) -> FastAPI:
    """Return an app with health and metrics alone, for processes that serve nothing else."""
    return new_app(TITLE, keys=keys_from(settings), checks=checks, registry=registry, routers=())


@asynccontextmanager
async def open_web(
    settings: IngestSettings, pool: asyncpg.Pool, store: EventStore, *, checks: Checks, registry: CollectorRegistry
) -> AsyncIterator[Webhook]:
    """Open the whole app."""
    async with (
        open_dependencies(settings, pool, store) as deps,
        listen(settings.database, "connections") as notices,
        GroupCommit.open(pool) as commits,
    ):
        oauth = oauth_api.router(deps, missing=settings.oauth_missing)
        routers = (oauth, connections_api.router(deps), inbox_api.router(pool), history_api.router(store))
        app = new_app(TITLE, keys=keys_from(settings), checks=checks, registry=registry, routers=routers)
        _describe_webhook(app)
        keys = StoredSigningKeys(deps.rows, deps.vault, notices)
        async with _running(keys):
            yield Webhook(app, keys=keys, commits=commits, registry=registry)


@asynccontextmanager
async def _running(keys: StoredSigningKeys) -> AsyncIterator[None]:
    task = asyncio.create_task(keys.forget_when_told(), name="signing-keys")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _describe_webhook(app: FastAPI) -> None:
    # The webhook stands before the framework, which therefore cannot describe it.
    described = app.openapi()
    described["paths"][f"{PATH}{{connection_id}}"] = {"post": _webhook_operation()}


def _webhook_operation() -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    return {
        "tags": ["webhook"],
        "summary": "Take a delivery of Calendly's",
        "parameters": [
            {"name": "connection_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
            {"name": "Calendly-Webhook-Signature", "in": "header", "required": True, "schema": {"type": "string"}},
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
            str(status): {"description": text, **({"content": problem} if status >= 400 else {})}
            for status, text in _ANSWERS.items()
        },
    }
