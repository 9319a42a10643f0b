"""Users, organizations and memberships."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from devstack.calendly import resources
from devstack.calendly.access import Caller, calling
from devstack.calendly.model import API
from devstack.calendly.paging import Count, PageToken, page
from devstack.calendly.parts import Wired
from devstack.calendly.problems import denied, invalid, not_found

routes = APIRouter()


@routes.get("/users/me")
async def me(caller: Annotated[Caller, Depends(calling("users:read"))]) -> dict[str, Any]:
    """Return the caller."""
    return {"resource": resources.user(caller.user)}


@routes.get("/users/{key}")
async def one_user(parts: Wired, key: str, caller: Annotated[Caller, Depends(calling("users:read"))]) -> dict[str, Any]:
    """Return a user of the caller's organization."""
    user = parts.state.users.get(f"{API}/users/{key}")
    if user is None:
        raise not_found()
    if user.organization != caller.user.organization:
        raise denied("This user is not in your organization")
    return {"resource": resources.user(user)}


@routes.get("/organizations/{key}")
async def organization(
    parts: Wired, key: str, caller: Annotated[Caller, Depends(calling("organizations:read"))]
) -> dict[str, Any]:
    """Return the caller's organization."""
    found = parts.state.organizations.get(f"{API}/organizations/{key}")
    if found is None:
        raise not_found()
    if caller.user.organization != found.uri:
        raise denied()
    return {"resource": resources.organization(found)}


@routes.get("/organization_memberships")
async def memberships(
    *,
    parts: Wired,
    request: Request,
    caller: Annotated[Caller, Depends(calling("organizations:read"))],
    user: str | None = None,
    organization: str | None = None,
    email: str | None = None,
    count: Count = 20,
    page_token: PageToken = None,
) -> dict[str, Any]:
    """List who belongs to the caller's organization."""
    asked = organization or (parts.state.users[user].organization if user in parts.state.users else None)
    if user is None and organization is None:
        raise invalid("user", "user or organization must be given")
    if asked != caller.user.organization:
        raise denied("This user is not in your organization")
    found = [
        {
            "uri": one.uri.replace("/users/", "/organization_memberships/"),
            "role": one.role,
            "user": {k: v for k, v in resources.user(one).items() if k != "current_organization"},
            "organization": one.organization,
            "created_at": resources.stamp(one.created_at),
            "updated_at": resources.stamp(one.created_at),
        }
        for one in parts.state.users.values()
        if user in {None, one.uri} and one.organization == asked and email in {None, one.email}
    ]
    return page(found, request, count=count, token=page_token)
