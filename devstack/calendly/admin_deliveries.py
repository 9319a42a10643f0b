"""The admin interface: watching and steering deliveries."""

from typing import Any

from fastapi import APIRouter

from devstack.calendly import admin_fault_models as models
from devstack.calendly.behaviour import Behaviour
from devstack.calendly.delivery import Delivery
from devstack.calendly.parts import Wired
from devstack.calendly.problems import not_found

routes = APIRouter(prefix="/admin/deliveries", tags=["admin"])


@routes.get("")
async def sent(parts: Wired, invitee: str | None = None) -> dict[str, Any]:
    """List deliveries and how they went."""
    return {"deliveries": [_shown(one) for one in parts.dispatcher.sent if invitee in {None, one.invitee}]}


@routes.post("/behaviour")
async def behave(parts: Wired, body: models.BehaviourChange) -> None:
    """Say how deliveries behave."""
    parts.dispatcher.behave(Behaviour(**{**vars(parts.usual), **body.model_dump(exclude_none=True)}))


@routes.post("/release")
async def release(parts: Wired, body: models.Release) -> dict[str, int]:
    """Send what is held."""
    held = parts.dispatcher.held()
    parts.dispatcher.send_in_turn(held if body.order == "oldest first" else reversed(held))
    return {"released": len(held)}


@routes.post("/redeliver")
async def redeliver(parts: Wired, body: models.Redelivery) -> dict[str, int]:
    """Send a booking's deliveries again."""
    found = [one for one in parts.dispatcher.sent if one.invitee == body.invitee]
    if not found:
        raise not_found()
    again = [one.again() for _ in range(body.times) for one in found]
    parts.dispatcher.sent.extend(again)
    parts.dispatcher.send(again)
    return {"redelivered": len(again)}


def _shown(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "event": one.event,
        "invitee": one.invitee,
        "subscription": one.subscription,
        "state": one.state,
        "attempts": len(one.answers),
        "answers": one.answers,
        "answered_at": one.answered_at,
    }
