"""Webhook subscriptions."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, HttpUrl

from devstack.calendly import resources
from devstack.calendly.access import Caller, calling
from devstack.calendly.paging import Count, PageToken, page
from devstack.calendly.problems import Problem, denied, invalid, not_found
from devstack.calendly.state import API, State, Subscription

Event = Literal[
    "invitee.created",
    "invitee.canceled",
    "invitee_no_show.created",
    "invitee_no_show.deleted",
    "routing_form_submission.created",
    "event_type.created",
    "event_type.updated",
    "event_type.deleted",
]
Writer = Annotated[Caller, Depends(calling("webhooks:write"))]
Reader = Annotated[Caller, Depends(calling("webhooks:read"))]


class NewSubscription(BaseModel):
    """The body of a new subscription."""

    model_config = ConfigDict(extra="forbid")

    url: HttpUrl
    events: list[Event]
    organization: str
    scope: Literal["organization", "user", "group"]
    user: str | None = None
    group: str | None = None
    signing_key: str | None = None


def router(state: State) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/webhook_subscriptions")

    @routes.post("", status_code=201)
    async def subscribe(body: NewSubscription, caller: Writer) -> dict[str, Any]:
        _check_new(state, caller, body)
        made = Subscription(
            url=str(body.url),
            events=list(dict.fromkeys(body.events)),
            scope=body.scope,
            organization=body.organization,
            user=body.user if body.scope == "user" else None,
            creator=caller.user.uri,
            signing_key=body.signing_key,
        )
        state.subscriptions[made.uri] = made
        return {"resource": resources.subscription(made)}

    @routes.get("")
    async def subscriptions(
        *,
        request: Request,
        caller: Reader,
        organization: str,
        scope: Literal["organization", "user", "group"],
        user: str | None = None,
        count: Count = 20,
        page_token: PageToken = None,
    ) -> dict[str, Any]:
        if organization != caller.user.organization:
            raise denied()
        if scope == "user" and user is None:
            raise invalid("user", "must be given when scope is user")
        found = [
            resources.subscription(one)
            for one in state.subscriptions.values()
            if one.organization == organization and one.scope == scope and user in {None, one.user}
        ]
        return page(found, request, count=count, token=page_token)

    @routes.get("/{key}")
    async def subscription(key: str, caller: Reader) -> dict[str, Any]:
        return {"resource": resources.subscription(_own(state, caller, key))}

    @routes.delete("/{key}", status_code=204)
    async def unsubscribe(key: str, caller: Writer) -> None:
        del state.subscriptions[_own(state, caller, key).uri]

    return routes


def _check_new(state: State, caller: Caller, body: NewSubscription) -> None:
    if any(event.startswith("invitee") for event in body.events) and not caller.has("scheduled_events:read"):
        raise invalid("events", "is invalid")
    if body.organization != caller.user.organization:
        raise denied()
    if body.scope == "organization" and caller.user.role == "user":
        raise denied()
    if body.scope == "user" and body.user is None:
        raise invalid("user", "must be given when scope is user")
    if body.scope == "user" and body.user != caller.user.uri:
        raise denied()
    if any(one.url == str(body.url) for one in state.subscriptions.values()):
        raise Problem(409, "Already Exists", "Hook with this url already exists")


def _own(state: State, caller: Caller, key: str) -> Subscription:
    found = state.subscriptions.get(f"{API}/webhook_subscriptions/{key}")
    if found is None or found.organization != caller.user.organization:
        raise not_found()
    return found
