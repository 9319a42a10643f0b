"""The admin interface: organizations, users, event types, and what goes wrong. It is no part of Calendly."""

from fastapi import APIRouter

from devstack.calendly import admin_models as models
from devstack.calendly.model import EventType, Organization, User, now, uri
from devstack.calendly.parts import Wired
from devstack.calendly.problems import known

GROUP_LIMIT = 8
"""Guests of a group event, where nothing is said."""


routes = APIRouter(prefix="/admin", tags=["admin"])


@routes.post("/organizations")
async def organization(parts: Wired, body: models.NewOrganization) -> dict[str, str]:
    """Make an organization."""
    made = Organization(**body.model_dump())
    parts.state.organizations[made.uri] = made
    return {"uri": made.uri}


@routes.patch("/organizations")
async def change_organization(parts: Wired, body: models.OrganizationChange) -> None:
    """Change an organization's plan."""
    found = known(parts.state.organizations, body.uri)
    found.plan, found.stage = body.plan or found.plan, body.stage or found.stage


@routes.post("/users")
async def user(parts: Wired, body: models.NewUser) -> dict[str, str]:
    """Make a user with a token."""
    known(parts.state.organizations, body.organization)
    made = User(name=body.name, email=body.email, organization=body.organization, role=body.role)
    parts.state.users[made.uri] = made
    return {"uri": made.uri, "token": parts.state.new_token(made.uri, body.scopes)}


@routes.post("/tokens")
async def token(parts: Wired, body: models.NewToken) -> dict[str, str]:
    """Make one more token."""
    return {"token": parts.state.new_token(known(parts.state.users, body.user).uri, body.scopes)}


@routes.post("/event_types")
async def event_type(parts: Wired, body: models.NewEventType) -> dict[str, str]:
    """Make an event type."""
    for host in body.hosts:
        known(parts.state.users, host)
    limit = body.limit or (GROUP_LIMIT if body.kind == "group" else 1)
    made = EventType(**{**body.model_dump(), "owner": body.owner or uri("teams"), "limit": limit})
    parts.state.event_types[made.uri] = made
    return {"uri": made.uri}


@routes.patch("/event_types")
async def change_event_type(parts: Wired, body: models.EventTypeChange) -> None:
    """Change or delete an event type."""
    found = known(parts.state.event_types, body.uri)
    found.name = body.name or found.name
    found.hosts = found.hosts if body.hosts is None else body.hosts
    found.active = found.active if body.active is None else body.active
    found.deleted_at = now() if body.deleted else found.deleted_at
    found.updated_at = now()
