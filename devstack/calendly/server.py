"""The stand-in as a server."""

import asyncio
import json
import socket
import sys

import uvicorn
import uvloop
from fastapi import FastAPI, Request, Response
from starlette.middleware.base import RequestResponseEndpoint

from devstack.calendly import (
    admin,
    api_event_types,
    api_identity,
    api_scheduled_events,
    api_webhooks,
    problems,
)
from devstack.calendly.access import Limits
from devstack.calendly.booking import Bookings
from devstack.calendly.deliveries import Dispatcher
from devstack.calendly.state import State


def new_app(state: State, limits: Limits, dispatcher: Dispatcher) -> FastAPI:
    """Return the app: Calendly's API at the root, the admin interface under `/admin`."""
    app = FastAPI(title="Calendly stand-in", redoc_url=None)
    app.state.calendly, app.state.limits = state, limits
    problems.install(app)
    for api in (api_identity, api_event_types, api_scheduled_events, api_webhooks):
        app.include_router(api.router(state))
    app.include_router(admin.world(state, limits))
    app.include_router(admin.bookings(state, Bookings(state, dispatcher)))
    app.include_router(admin.deliveries(dispatcher))

    @app.middleware("http")
    async def tell_rate_limit(request: Request, call_next: RequestResponseEndpoint) -> Response:
        answer = await call_next(request)
        answer.headers.update(getattr(request.state, "rate_limit", {}))
        return answer

    return app


async def serve(*, host: str, port: int) -> None:
    """Serve until a signal comes; the address is printed as one JSON line when it is ready."""
    state, limits = State(), Limits()
    async with Dispatcher.open(state) as dispatcher:
        app = new_app(state, limits, dispatcher)
        config = uvicorn.Config(app, lifespan="off", access_log=False, log_level="warning")
        with socket.create_server((host, port), backlog=1024) as listener:
            bound = listener.getsockname()[1]
            sys.stdout.write(json.dumps({"url": f"http://{host}:{bound}"}) + "\n")
            sys.stdout.flush()
            await uvicorn.Server(config).serve(sockets=[listener])


def main(*, host: str, port: int) -> None:
    """Run the server."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(host=host, port=port))
