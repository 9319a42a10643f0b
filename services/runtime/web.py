"""What both services' apps have in common: problem details, keys, operations, documentation."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry

from services.runtime import problems
from services.runtime.health import Checks
from services.runtime.openapi import describe_problems
from services.runtime.operations import add_operations
from services.runtime.tokens import Keys


def new_app(
    title: str, *, keys: Keys, checks: Checks, registry: CollectorRegistry, routers: Iterable[APIRouter]
) -> FastAPI:
    """Return an app with the routers, and with `/docs`, `/asyncapi`, `/healthz`, `/readyz` and `/metrics`."""
    app = FastAPI(title=title, version="1", redoc_url=None)
    app.state.keys = keys
    problems.install(app)
    add_operations(app, checks=checks, registry=registry)
    for router in routers:
        app.include_router(router)
    describe_problems(app)
    return app
