"""What both services show to those who run them: `/healthz`, `/readyz`, `/metrics`, `/asyncapi` (DESIGN 4)."""

from typing import Any

from bookstream_contracts.asyncapi import document
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest

from services.runtime.health import Checks


def add_operations(app: FastAPI, *, checks: Checks, registry: CollectorRegistry) -> None:
    """Add the routes to an app. They are open: they tell nothing of any tenant.

    The registry gets the process' own metrics too (memory, processor time, open files), so it must not have them yet.
    """
    ProcessCollector(registry=registry)

    @app.get("/healthz", tags=["operations"])
    async def alive() -> dict[str, str]:
        """Say that the process is alive."""
        return {"status": "alive"}

    @app.get("/readyz", tags=["operations"], responses={503: {"description": "What is missing, by name"}})
    async def ready() -> JSONResponse:
        """Say whether the process is useful: its dependencies answer and its parts advance."""
        failing = await checks.failing()
        if failing:
            return JSONResponse({"status": "not ready", "failing": failing}, 503)
        return JSONResponse({"status": "ready"})

    @app.get("/metrics", tags=["operations"])
    async def metrics() -> Response:
        """Return the metrics in Prometheus' text form."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/asyncapi", tags=["operations"])
    async def asyncapi() -> dict[str, Any]:
        """Return the AsyncAPI 3 document of the topics."""
        return document()
