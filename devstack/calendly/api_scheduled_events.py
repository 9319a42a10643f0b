"""Scheduled events and their invitees."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime

from devstack.calendly import resources
from devstack.calendly.access import Caller, calling
from devstack.calendly.model import API, ScheduledEvent
from devstack.calendly.paging import Count, PageToken, page
from devstack.calendly.parts import Wired
from devstack.calendly.problems import denied, invalid, not_found
from devstack.calendly.state import State

Reader = Annotated[Caller, Depends(calling("scheduled_events:read"))]


routes = APIRouter(prefix="/scheduled_events")


@routes.get("")
async def scheduled_events(
    *,
    parts: Wired,
    request: Request,
    caller: Reader,
    user: str | None = None,
    organization: str | None = None,
    group: str | None = None,
    invitee_email: str | None = None,
    status: Literal["active", "canceled"] | None = None,
    min_start_time: AwareDatetime | None = None,
    max_start_time: AwareDatetime | None = None,
    sort: Literal["start_time:asc", "start_time:desc"] = "start_time:asc",
    count: Count = 20,
    page_token: PageToken = None,
) -> dict[str, Any]:
    """List scheduled events by the meeting's start."""
    _check_who(caller, user, organization, group)
    found = [
        one
        for one in parts.state.events.values()
        if (user is None or user in one.hosts)
        and (organization is None or parts.state.event_types[one.event_type].organization == organization)
        and status in {None, one.status}
        and _within(one, min_start_time, max_start_time)
        and (invitee_email is None or any(it.email == invitee_email for it in parts.state.invitees_of(one.uri)))
    ]
    found.sort(key=lambda it: (it.starts_at, it.uri), reverse=sort == "start_time:desc")
    shown = [resources.scheduled_event(one, parts.state) for one in found]
    return page(shown, request, count=count, token=page_token)


@routes.get("/{key}")
async def scheduled_event(parts: Wired, key: str, caller: Reader) -> dict[str, Any]:
    """Return a scheduled event."""
    return {"resource": resources.scheduled_event(_event(parts.state, caller, key), parts.state)}


@routes.get("/{key}/invitees")
async def invitees(
    *,
    parts: Wired,
    request: Request,
    key: str,
    caller: Reader,
    status: Literal["active", "canceled"] | None = None,
    email: str | None = None,
    sort: Literal["created_at:asc", "created_at:desc"] = "created_at:asc",
    count: Count = 20,
    page_token: PageToken = None,
) -> dict[str, Any]:
    """List the bookings of a scheduled event."""
    found = [
        resources.invitee(one)
        for one in parts.state.invitees_of(_event(parts.state, caller, key).uri)
        if status in {None, one.status} and email in {None, one.email}
    ]
    if sort == "created_at:desc":
        found.reverse()
    return page(found, request, count=count, token=page_token)


@routes.get("/{key}/invitees/{invitee}")
async def invitee(parts: Wired, key: str, invitee: str, caller: Reader) -> dict[str, Any]:
    """Return a booking."""
    event = _event(parts.state, caller, key)
    found = parts.state.invitees.get(f"{event.uri}/invitees/{invitee}")
    if found is None:
        raise not_found()
    return {"resource": resources.invitee(found)}


def _check_who(caller: Caller, user: str | None, organization: str | None, group: str | None) -> None:
    """Refuse what the caller may not list. Nobody has groups here."""
    if user is None and organization is None and group is None:
        raise invalid("user", "user, organization or group must be given")
    if group is not None:
        raise denied()
    if organization not in {None, caller.user.organization}:
        raise denied("This user is not in your organization")
    if user == caller.user.uri:
        return
    if organization is None:
        raise denied("Please also specify organization when requesting events of another user.")
    if not caller.leads:
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
