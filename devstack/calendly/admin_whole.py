"""The admin interface: the whole state, and beginning anew."""

from fastapi import APIRouter

from devstack.calendly.behaviour import Behaviour
from devstack.calendly.parts import Wired

routes = APIRouter(prefix="/admin", tags=["admin"])


@routes.get("/state")
async def summary(parts: Wired) -> dict[str, int]:
    """Return how many there are of each."""
    sent = [one.state for one in parts.dispatcher.sent]
    told = {f"deliveries {one}": sent.count(one) for one in sorted(set(sent))}
    return {**parts.state.summary(), "oauth_apps": len(parts.oauth.apps), "deliveries": len(sent), **told}


@routes.post("/reset")
async def reset(parts: Wired) -> None:
    """Forget everything, and stop sending."""
    await parts.dispatcher.stop()
    parts.dispatcher.behave(Behaviour(**vars(parts.usual)))
    parts.oauth.clear()
    parts.state.clear()
    parts.limits.set(None)
    parts.outage.order(calls=0)
