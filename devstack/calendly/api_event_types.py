"""Event types and their hosts."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from devstack.calendly import resources
from devstack.calendly.access import Caller, calling
from devstack.calendly.paging import Count, PageToken, page
from devstack.calendly.problems import denied, invalid, not_found
from devstack.calendly.state import API, EventType, State

Reader = Annotated[Caller, Depends(calling("event_types:read"))]


def router(state: State) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/event_types")
    async def event_types(
        *,
        request: Request,
        caller: Reader,
        user: str | None = None,
        organization: str | None = None,
        active: bool | None = None,
        count: Count = 20,
        page_token: PageToken = None,
        sort: str = "name:asc",
    ) -> dict[str, Any]:
        if user is None and organization is None:
            raise invalid("user", "user or organization must be given")
        if sort not in {"name:asc", "name:desc"}:
            raise invalid("sort", "only name:asc and name:desc are known")
        _check_organization(state, caller, user, organization)
        found = [
            resources.event_type(one, state)
            for one in sorted(state.event_types.values(), key=lambda it: it.name, reverse=sort == "name:desc")
            if _listed(one, user, organization, active=active)
        ]
        return page(found, request, count=count, token=page_token)

    @routes.get("/event_types/{key}")
    async def event_type(key: str, caller: Reader) -> dict[str, Any]:
        found = state.event_types.get(f"{API}/event_types/{key}")
        if found is None or found.organization != caller.user.organization:
            raise not_found()
        return {"resource": resources.event_type(found, state)}

    @routes.get("/event_type_memberships")
    async def hosts(
        *, request: Request, caller: Reader, event_type: str, count: Count = 20, page_token: PageToken = None
    ) -> dict[str, Any]:
        found = state.event_types.get(event_type)
        if found is None or found.organization != caller.user.organization:
            raise not_found()
        shown = [
            {
                "uri": f"{host.replace('/users/', '/event_type_memberships/')}",
                "event_type": resources.event_type(found, state),
                "member": resources.user(state.users[host]),
                "created_at": resources.stamp(found.created_at),
                "updated_at": resources.stamp(found.updated_at),
            }
            for host in found.hosts
        ]
        return page(shown, request, count=count, token=page_token)

    return routes


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
