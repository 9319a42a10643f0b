"""Users, organizations and memberships."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from devstack.calendly import resources
from devstack.calendly.access import Caller, calling
from devstack.calendly.paging import Count, PageToken, page
from devstack.calendly.problems import denied, invalid, not_found
from devstack.calendly.state import API, State


def router(state: State) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/users/me")
    async def me(caller: Annotated[Caller, Depends(calling("users:read"))]) -> dict[str, Any]:
        return {"resource": resources.user(caller.user)}

    @routes.get("/users/{key}", dependencies=[Depends(calling("users:read"))])
    async def one_user(key: str) -> dict[str, Any]:
        user = state.users.get(f"{API}/users/{key}")
        if user is None:
            raise not_found()
        return {"resource": resources.user(user)}

    @routes.get("/organizations/{key}")
    async def organization(
        key: str, caller: Annotated[Caller, Depends(calling("organizations:read"))]
    ) -> dict[str, Any]:
        found = state.organizations.get(f"{API}/organizations/{key}")
        if found is None:
            raise not_found()
        if caller.user.organization != found.uri:
            raise denied()
        return {"resource": resources.organization(found)}

    @routes.get("/organization_memberships")
    async def memberships(
        *,
        request: Request,
        caller: Annotated[Caller, Depends(calling("organizations:read"))],
        user: str | None = None,
        organization: str | None = None,
        count: Count = 20,
        page_token: PageToken = None,
    ) -> dict[str, Any]:
        if user is None and organization is None:
            raise invalid("user", "user or organization must be given")
        if organization is not None and caller.user.organization != organization:
            raise denied()
        found = [
            {
                "uri": one.uri.replace("/users/", "/organization_memberships/"),
                "role": one.role,
                "user": {k: v for k, v in resources.user(one).items() if k != "current_organization"},
                "organization": one.organization,
                "created_at": resources.stamp(one.created_at),
                "updated_at": resources.stamp(one.created_at),
            }
            for one in state.users.values()
            if user in {None, one.uri} and organization in {None, one.organization}
        ]
        return page(found, request, count=count, token=page_token)

    return routes
