"""Event types and their hosts."""

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request

from devstack.calendly import resources
from devstack.calendly.access import Caller, calling
from devstack.calendly.model import API, EventType
from devstack.calendly.paging import Count, PageToken, page
from devstack.calendly.parts import Wired
from devstack.calendly.problems import denied, invalid, not_found
from devstack.calendly.state import State

Reader = Annotated[Caller, Depends(calling("event_types:read"))]


routes = APIRouter()


@routes.get("/event_types")
async def event_types(
    *,
    parts: Wired,
    request: Request,
    caller: Reader,
    user: str | None = None,
    organization: str | None = None,
    active: bool | None = None,
    count: Count = 20,
    page_token: PageToken = None,
    sort: Literal["name:asc", "name:desc"] = "name:asc",
) -> dict[str, Any]:
    """List event types, deleted ones left out."""
    if user is None and organization is None:
        raise invalid("user", "user or organization must be given")
    _check_organization(parts.state, caller, user, organization)
    found = [
        resources.event_type(one, parts.state)
        for one in sorted(parts.state.event_types.values(), key=lambda it: it.name, reverse=sort == "name:desc")
        if _listed(one, user, organization, active=active)
    ]
    return page(found, request, count=count, token=page_token)


@routes.get("/event_types/{key}")
async def event_type(parts: Wired, key: str, caller: Reader) -> dict[str, Any]:
    """Return an event type, a deleted one too."""
    found = parts.state.event_types.get(f"{API}/event_types/{key}")
    if found is None or found.organization != caller.user.organization:
        raise not_found()
    return {"resource": resources.event_type(found, parts.state)}


@routes.get("/event_type_memberships")
async def hosts(
    parts: Wired, *, request: Request, caller: Reader, event_type: str, count: Count = 20, page_token: PageToken = None
) -> dict[str, Any]:
    """List who hosts an event type."""
    found = parts.state.event_types.get(event_type)
    if found is None or found.organization != caller.user.organization:
        raise not_found()
    shown = [
        {
            "uri": f"{API}/event_type_memberships/{uuid.uuid5(uuid.NAMESPACE_URL, found.uri + host)}",
            "event_type": resources.event_type(found, parts.state),
            "member": resources.user(parts.state.users[host]),
            "created_at": resources.stamp(found.created_at),
            "updated_at": resources.stamp(found.updated_at),
        }
        for host in found.hosts
    ]
    return page(shown, request, count=count, token=page_token)


def _check_organization(state: State, caller: Caller, user: str | None, organization: str | None) -> None:
    asked = organization or (state.users[user].organization if user in state.users else None)
    if asked != caller.user.organization:
        raise denied("This user is not in your organization")


def _listed(one: EventType, user: str | None, organization: str | None, *, active: bool | None) -> bool:
    return (
        one.deleted_at is None
        and (active is None or one.active == active)
        and (user is None or user == one.owner or user in one.hosts)
        and (organization is None or one.organization == organization)
    )
