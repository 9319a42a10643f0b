"""The admin interface: what goes wrong."""

from typing import Any

from fastapi import APIRouter

from devstack.calendly import admin_fault_models as models
from devstack.calendly.model import now
from devstack.calendly.parts import Wired
from devstack.calendly.problems import known, not_found
from devstack.calendly.resource_subscription import subscription_shown

routes = APIRouter(prefix="/admin", tags=["admin"])


@routes.post("/token_faults")
async def token_fault(parts: Wired, body: models.TokenFault) -> dict[str, int]:
    """Spoil tokens, or make them good again."""
    chosen = [one for text, one in parts.state.tokens.items() if text == body.token or one.user == body.user]
    if not chosen:
        raise not_found()
    for one in chosen:
        one.fault = body.fault
    if body.user and body.refresh_too:
        parts.oauth.forget_refresh_tokens(body.user)
    return {"tokens": len(chosen)}


@routes.post("/subscription_states")
async def subscription_state(parts: Wired, body: models.SubscriptionState) -> None:
    """Disable a subscription, or make it active again."""
    found = known(parts.state.subscriptions, body.uri)
    found.state, found.updated_at = body.state, now()


@routes.get("/subscriptions")
async def subscriptions(parts: Wired) -> dict[str, Any]:
    """List all subscriptions."""
    return {"subscriptions": [subscription_shown(one) for one in parts.state.subscriptions.values()]}


@routes.post("/limits")
async def change_limits(parts: Wired, body: models.LimitsChange) -> None:
    """Change the rate limit."""
    if "per_minute" in body.model_fields_set:
        parts.limits.set(body.per_minute)
    if "outage_calls" in body.model_fields_set:
        parts.outage.order(calls=body.outage_calls, status=body.outage_status)


@routes.post("/outage")
async def change_outage(parts: Wired, body: models.OutageChange) -> None:
    """Begin or end an outage."""
    parts.outage.order(calls=body.calls, status=body.status, path=body.path, cut=body.cut)
