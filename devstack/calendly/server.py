"""The stand-in as a server."""

import asyncio
import json
import socket
import sys

import uvicorn
import uvloop
from fastapi import FastAPI

from devstack.calendly import (
    admin_bookings,
    admin_deliveries,
    admin_faults,
    admin_oauth,
    admin_whole,
    admin_world,
    api_event_types,
    api_identity,
    api_scheduled_events,
    api_webhooks,
    oauth_authorize,
    oauth_problems,
    oauth_tokens,
    problems,
)
from devstack.calendly.behaviour import Behaviour
from devstack.calendly.booking import Bookings
from devstack.calendly.deliveries import Dispatcher
from devstack.calendly.oauth_state import OAuth
from devstack.calendly.outage import OutageMiddleware
from devstack.calendly.parts import Parts
from devstack.calendly.state import State

CALENDLY = (api_identity, api_event_types, api_scheduled_events, api_webhooks, oauth_authorize, oauth_tokens)
ADMIN = (admin_world, admin_bookings, admin_deliveries, admin_faults, admin_oauth, admin_whole)


def new_app(parts: Parts) -> FastAPI:
    """Return the app: Calendly's API at the root, the admin interface under `/admin`."""
    app = FastAPI(title="Calendly stand-in", redoc_url=None)
    app.state.parts = parts
    problems.install(app)
    oauth_problems.install(app)
    for one in (*CALENDLY, *ADMIN):
        app.include_router(one.routes)
    app.add_middleware(OutageMiddleware, outage=parts.outage)
    return app


async def serve(*, host: str, port: int, usual: Behaviour) -> None:
    """Serve until a signal comes; the address is printed as one JSON line when it is ready."""
    state = State()
    async with Dispatcher.open(state, behaviour=Behaviour(**vars(usual))) as dispatcher:
        made = Bookings(state, dispatcher)
        parts = Parts(state=state, dispatcher=dispatcher, usual=usual, bookings=made, oauth=OAuth(state))
        config = uvicorn.Config(new_app(parts), lifespan="off", access_log=False, log_level="warning")
        with socket.create_server((host, port), backlog=1024) as listener:
            bound = listener.getsockname()[1]
            sys.stdout.write(json.dumps({"url": f"http://{host}:{bound}"}) + "\n")
            sys.stdout.flush()
            await uvicorn.Server(config).serve(sockets=[listener])


def main(*, host: str, port: int, usual: Behaviour) -> None:
    """Run the server."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(host=host, port=port, usual=usual))
