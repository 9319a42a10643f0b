"""Webhook subscriptions."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter

from devstack.calendly.access import Caller, calling
from devstack.calendly.model import API, Subscription
from devstack.calendly.paging import Count, PageToken, page
from devstack.calendly.parts import Wired
from devstack.calendly.problems import Problem, denied, invalid, not_found
from devstack.calendly.resource_subscription import subscription_shown
from devstack.calendly.state import State

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


def _web_address(text: str) -> str:
    TypeAdapter(HttpUrl).validate_python(text)
    return text


class NewSubscription(BaseModel):
    """The body of a new subscription."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, AfterValidator(_web_address)]
    events: Annotated[list[Event], Field(min_length=1)]
    organization: str
    scope: Literal["organization", "user", "group"]
    user: str | None = None
    group: str | None = None
    signing_key: str | None = None


routes = APIRouter(prefix="/webhook_subscriptions")


@routes.post("", status_code=201)
async def subscribe(parts: Wired, body: NewSubscription, caller: Writer) -> dict[str, Any]:
    """Create a subscription."""
    _check_new(parts.state, caller, body)
    made = Subscription(
        url=body.url,
        events=list(body.events),
        scope=body.scope,
        organization=body.organization,
        user=body.user if body.scope == "user" else None,
        creator=caller.user.uri,
        signing_key=parts.oauth.apps[caller.app].signing_key if caller.app else body.signing_key,
    )
    parts.state.subscriptions[made.uri] = made
    return {"resource": subscription_shown(made)}


@routes.get("")
async def subscriptions(
    *,
    parts: Wired,
    request: Request,
    caller: Reader,
    organization: str,
    scope: Literal["organization", "user", "group"],
    user: str | None = None,
    group: str | None = None,
    sort: Literal["created_at:asc", "created_at:desc"] = "created_at:asc",
    count: Count = 20,
    page_token: PageToken = None,
) -> dict[str, Any]:
    """List subscriptions of one scope."""
    _check_scope(caller, organization, scope, user, group)
    found = [
        subscription_shown(one)
        for one in parts.state.subscriptions.values()
        if one.organization == organization and one.scope == scope and (scope != "user" or one.user == user)
    ]
    if sort == "created_at:desc":
        found.reverse()
    return page(found, request, count=count, token=page_token)


@routes.get("/{key}")
async def subscription(parts: Wired, key: str, caller: Reader) -> dict[str, Any]:
    """Return a subscription."""
    return {"resource": subscription_shown(_own(parts.state, caller, key))}


@routes.delete("/{key}", status_code=204)
async def unsubscribe(parts: Wired, key: str, caller: Writer) -> None:
    """Remove a subscription."""
    del parts.state.subscriptions[_own(parts.state, caller, key).uri]


def _check_new(state: State, caller: Caller, body: NewSubscription) -> None:
    if any(event.startswith("invitee") for event in body.events) and not caller.has("scheduled_events:read"):
        raise invalid("events", "is invalid")
    if any(event.startswith("routing") for event in body.events) and not caller.has("routing_forms:read"):
        raise invalid("events", "is invalid")
    if len(set(body.events)) != len(body.events):
        raise invalid("events", "must be unique")
    _check_scope(caller, body.organization, body.scope, body.user, body.group)
    if body.scope == "user" and body.user != caller.user.uri:
        raise denied()
    if any(one.url == body.url for one in state.subscriptions.values()):
        raise Problem(409, "Already Exists", "Hook with this url already exists")


def _check_scope(caller: Caller, organization: str, scope: str, user: str | None, group: str | None) -> None:
    """Refuse what the caller may not ask for. Nobody has groups here."""
    if scope == "user" and user is None:
        raise invalid("user", "must be given when scope is user")
    if scope == "group" and group is None:
        raise invalid("group", "must be given when scope is group")
    if organization != caller.user.organization or scope == "group":
        raise denied()
    if not caller.leads and (scope == "organization" or user != caller.user.uri):
        raise denied()


def _own(state: State, caller: Caller, key: str) -> Subscription:
    found = state.subscriptions.get(f"{API}/webhook_subscriptions/{key}")
    if found is None or found.organization != caller.user.organization:
        raise not_found()
    if not caller.leads and found.user != caller.user.uri:
        raise denied()
    return found
