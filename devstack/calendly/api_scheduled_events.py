"""Scheduled events and their invitees."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime

from devstack.calendly import resources
from devstack.calendly.access import Caller, calling
from devstack.calendly.paging import Count, PageToken, page
from devstack.calendly.problems import denied, invalid, not_found
from devstack.calendly.state import API, ScheduledEvent, State

Reader = Annotated[Caller, Depends(calling("scheduled_events:read"))]


def router(state: State) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/scheduled_events")

    @routes.get("")
    async def scheduled_events(
        *,
        request: Request,
        caller: Reader,
        user: str | None = None,
        organization: str | None = None,
        invitee_email: str | None = None,
        status: str | None = None,
        min_start_time: AwareDatetime | None = None,
        max_start_time: AwareDatetime | None = None,
        sort: str = "start_time:asc",
        count: Count = 20,
        page_token: PageToken = None,
    ) -> dict[str, Any]:
        _check_who(caller, user, organization)
        if sort not in {"start_time:asc", "start_time:desc"}:
            raise invalid("sort", "only start_time:asc and start_time:desc are known")
        found = [
            one
            for one in state.events.values()
            if (user is None or user in one.hosts)
            and (organization is None or state.event_types[one.event_type].organization == organization)
            and status in {None, one.status}
            and _within(one, min_start_time, max_start_time)
            and (invitee_email is None or any(it.email == invitee_email for it in state.invitees_of(one.uri)))
        ]
        found.sort(key=lambda it: (it.starts_at, it.uri), reverse=sort == "start_time:desc")
        shown = [resources.scheduled_event(one, state) for one in found]
        return page(shown, request, count=count, token=page_token)

    @routes.get("/{key}")
    async def scheduled_event(key: str, caller: Reader) -> dict[str, Any]:
        return {"resource": resources.scheduled_event(_event(state, caller, key), state)}

    @routes.get("/{key}/invitees")
    async def invitees(
        *,
        request: Request,
        key: str,
        caller: Reader,
        status: str | None = None,
        email: str | None = None,
        sort: str = "created_at:asc",
        count: Count = 20,
        page_token: PageToken = None,
    ) -> dict[str, Any]:
        found = [
            resources.invitee(one)
            for one in state.invitees_of(_event(state, caller, key).uri)
            if status in {None, one.status} and email in {None, one.email}
        ]
        if sort == "created_at:desc":
            found.reverse()
        return page(found, request, count=count, token=page_token)

    @routes.get("/{key}/invitees/{invitee}")
    async def invitee(key: str, invitee: str, caller: Reader) -> dict[str, Any]:
        event = _event(state, caller, key)
        found = state.invitees.get(f"{event.uri}/invitees/{invitee}")
        if found is None:
            raise not_found()
        return {"resource": resources.invitee(found)}

    return routes


def _check_who(caller: Caller, user: str | None, organization: str | None) -> None:
    if user is None and organization is None:
        raise invalid("user", "user or organization must be given")
    if organization not in {None, caller.user.organization}:
        raise denied("This user is not in your organization")
    if user != caller.user.uri and caller.user.role == "user":
        raise denied()


def _within(one: ScheduledEvent, first: datetime | None, last: datetime | None) -> bool:
    return (first is None or one.starts_at >= first) and (last is None or one.starts_at <= last)


def _event(state: State, caller: Caller, key: str) -> ScheduledEvent:
    found = state.events.get(f"{API}/scheduled_events/{key}")
    if found is None or state.event_types[found.event_type].organization != caller.user.organization:
        raise not_found()
    if caller.user.role == "user" and caller.user.uri not in found.hosts:
        raise denied("You are not allowed to view this event")
    return found
