"""The admin interface: it drives the stand-in, and is no part of Calendly."""

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from devstack.calendly import admin_models as models
from devstack.calendly.access import Limits
from devstack.calendly.booking import Bookings, Guest
from devstack.calendly.deliveries import Behaviour, Delivery, Dispatcher
from devstack.calendly.problems import not_found
from devstack.calendly.state import EventType, Organization, State, User, now, uri


def world(state: State, limits: Limits) -> APIRouter:
    """Return the routes that make and change organizations, users, event types and tokens."""
    routes = APIRouter(prefix="/admin", tags=["admin"])

    @routes.post("/organizations")
    async def organization(body: models.NewOrganization) -> dict[str, str]:
        made = Organization(**body.model_dump())
        state.organizations[made.uri] = made
        return {"uri": made.uri}

    @routes.patch("/organizations")
    async def change_organization(body: models.OrganizationChange) -> None:
        state.organizations[body.uri].plan = body.plan

    @routes.post("/users")
    async def user(body: models.NewUser) -> dict[str, str]:
        made = User(name=body.name, email=body.email, organization=body.organization, role=body.role)
        state.users[made.uri] = made
        return {"uri": made.uri, "token": state.new_token(made.uri, body.scopes)}

    @routes.post("/event_types")
    async def event_type(body: models.NewEventType) -> dict[str, str]:
        made = EventType(**{**body.model_dump(), "owner": body.owner or uri("teams")})
        state.event_types[made.uri] = made
        return {"uri": made.uri}

    @routes.patch("/event_types")
    async def change_event_type(body: models.EventTypeChange) -> None:
        found = state.event_types[body.uri]
        found.name = body.name or found.name
        found.active = found.active if body.active is None else body.active
        found.deleted_at = now() if body.deleted else found.deleted_at
        found.updated_at = now()

    @routes.post("/token_faults")
    async def token_fault(body: models.TokenFault) -> None:
        state.tokens[body.token].fault = body.fault

    @routes.post("/subscription_states")
    async def subscription_state(body: models.SubscriptionState) -> None:
        state.subscriptions[body.uri].state = body.state

    @routes.post("/limits")
    async def change_limits(body: models.LimitsChange) -> None:
        limits.per_minute = body.per_minute or limits.per_minute
        limits.outage_calls, limits.outage_status = body.outage_calls, body.outage_status

    return routes


def bookings(state: State, made: Bookings) -> APIRouter:
    """Return the routes that book, cancel and reschedule."""
    routes = APIRouter(prefix="/admin", tags=["admin"])
    paced: set[asyncio.Task[None]] = set()

    @routes.post("/bookings")
    async def book(body: models.NewBookings) -> dict[str, Any]:
        guests = _guests(body, state)
        if body.per_second is not None:
            task = asyncio.create_task(_book_at_pace(made, body, guests, body.per_second))
            paced.add(task)
            task.add_done_callback(paced.discard)
            return {"bookings": []}
        return {"bookings": _book(made, body, guests)}

    @routes.post("/cancellations")
    async def cancel(body: models.Cancellation) -> None:
        made.cancel(body.invitee, by=body.by)

    @routes.post("/reschedulings")
    async def reschedule(body: models.Rescheduling) -> dict[str, str]:
        new = made.reschedule(body.invitee, starts_at=body.starts_at, host=body.host)
        return {"event": new.event, "invitee": new.uri}

    return routes


def deliveries(dispatcher: Dispatcher) -> APIRouter:
    """Return the routes that watch and steer deliveries."""
    routes = APIRouter(prefix="/admin/deliveries", tags=["admin"])

    @routes.get("")
    async def sent() -> dict[str, Any]:
        return {"deliveries": [_shown(one) for one in dispatcher.sent]}

    @routes.post("/behaviour")
    async def behave(body: models.BehaviourChange) -> None:
        dispatcher.behaviour = Behaviour(**body.model_dump())

    @routes.post("/release")
    async def release(body: models.Release) -> dict[str, int]:
        held = dispatcher.held()
        dispatcher.send(held if body.order == "oldest first" else reversed(held))
        return {"released": len(held)}

    @routes.post("/redeliver")
    async def redeliver(body: models.Redelivery) -> dict[str, int]:
        found = [one for one in dispatcher.sent if one.invitee == body.invitee]
        if not found:
            raise not_found()
        again = [replace(one, answers=[], id=f"{one.id} again {n}") for n in range(body.times) for one in found]
        dispatcher.sent.extend(again)
        dispatcher.send(again)
        return {"redelivered": len(again)}

    return routes


def _guests(body: models.NewBookings, state: State) -> list[Guest]:
    numbers = state.sample_names()
    made_up = (f"Guest {next(numbers)}" for _ in range(body.count))
    return [Guest(name=one.name, email=one.email) for one in body.guests] + [
        Guest(name=name, email=f"{name.replace(' ', '.').lower()}@example.test") for name in made_up
    ]


def _book(made: Bookings, body: models.NewBookings, guests: list[Guest]) -> list[dict[str, str]]:
    event, booked = body.event, list[dict[str, str]]()
    for guest in guests:
        one = made.book(
            body.event_type,
            guest,
            starts_at=body.starts_at,
            created_at=body.created_at,
            host=body.host,
            event=event,
            silently=body.silently,
        )
        event = one.event if body.together else event
        booked.append({"event": one.event, "invitee": one.uri})
    return booked


async def _book_at_pace(made: Bookings, body: models.NewBookings, guests: list[Guest], per_second: float) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, guest in enumerate(guests):
        await asyncio.sleep(max(0.0, began + number / per_second - loop.time()))
        _book(made, body, [guest])


def _shown(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "event": one.event,
        "invitee": one.invitee,
        "subscription": one.subscription,
        "state": one.state,
        "answers": one.answers,
        "answered_at": one.answered_at,
    }
