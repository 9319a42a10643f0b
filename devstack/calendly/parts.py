"""The parts that the routes work with."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from devstack.calendly.behaviour import Behaviour
from devstack.calendly.booking import Bookings
from devstack.calendly.deliveries import Dispatcher
from devstack.calendly.limits import Limits
from devstack.calendly.oauth_state import OAuth
from devstack.calendly.outage import Outage
from devstack.calendly.state import State


@dataclass(frozen=True, kw_only=True)
class Parts:
    """All of them; `usual` is how deliveries behave where nothing else is said."""

    state: State
    dispatcher: Dispatcher
    usual: Behaviour
    bookings: Bookings
    oauth: OAuth
    limits: Limits = field(default_factory=Limits)
    outage: Outage = field(default_factory=Outage)


async def _parts(request: Request) -> Parts:
    return request.app.state.parts


Wired = Annotated[Parts, Depends(_parts)]
