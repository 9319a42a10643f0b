"""The admin interface: booking, cancelling, rescheduling."""

import asyncio
from typing import Any

from fastapi import APIRouter

from devstack.calendly import admin_models as models
from devstack.calendly.booking import Booking, Bookings, Guest
from devstack.calendly.model import Invitee
from devstack.calendly.parts import Wired
from devstack.calendly.problems import invalid
from devstack.calendly.state import State

routes = APIRouter(prefix="/admin", tags=["admin"])
paced: set[asyncio.Task[None]] = set()


@routes.post("/bookings")
async def book(parts: Wired, body: models.NewBookings) -> dict[str, Any]:
    """Book."""
    guests = _guests(body, parts.state)
    if body.per_second is not None:
        task = asyncio.create_task(_book_at_pace(parts.bookings, body, guests, body.per_second))
        paced.add(task)
        task.add_done_callback(paced.discard)
        return {"bookings": []}
    return {"bookings": _book(parts.bookings, body, guests, together=_together(body, parts.state))}


@routes.post("/cancellations")
async def cancel(parts: Wired, body: models.Cancellation) -> dict[str, int]:
    """Cancel a booking or a whole event."""
    if (body.invitee is None) == (body.event is None):
        raise invalid("invitee", "either invitee or event must be given")
    ended = [body.invitee] if body.invitee else _active_of(parts.state, body.event or "")
    for one in ended:
        parts.bookings.cancel(one, by=body.by, reason=body.reason, silently=body.silently)
    return {"canceled": len(ended)}


@routes.post("/reschedulings")
async def reschedule(parts: Wired, body: models.Rescheduling) -> dict[str, str]:
    """Reschedule a booking."""
    event = parts.state.events.get(body.invitee.partition("/invitees/")[0])
    event_type = event.event_type if event else ""
    booking = Booking(event_type=event_type, starts_at=body.start_time, host=body.host, silently=body.silently)
    return _named(parts.bookings.reschedule(body.invitee, booking))


def _guests(body: models.NewBookings, state: State) -> list[Guest]:
    numbers = state.sample_names()
    made_up = (f"Guest {next(numbers)}" for _ in range(body.count))
    return [Guest(**one.model_dump()) for one in body.invitees] + [
        Guest(name=name, email=f"{name.replace(' ', '.').lower()}@example.test") for name in made_up
    ]


def _together(body: models.NewBookings, state: State) -> bool:
    if body.together is not None:
        return body.together
    kind = state.event_types.get(body.event_type)
    return kind is not None and kind.kind == "group" and not body.count


def _active_of(state: State, event: str) -> list[str]:
    return [one.uri for one in state.invitees_of(event) if one.status == "active"]


def _book(made: Bookings, body: models.NewBookings, guests: list[Guest], *, together: bool) -> list[dict[str, str]]:
    event, booked = body.same_event, list[dict[str, str]]()
    for guest in guests:
        booking = Booking(
            event_type=body.event_type,
            event=event,
            starts_at=body.start_time,
            created_at=body.created_at,
            host=body.host,
            silently=body.silently,
        )
        one = made.book(booking, guest)
        event = one.event if together else event
        booked.append(_named(one))
    return booked


async def _book_at_pace(made: Bookings, body: models.NewBookings, guests: list[Guest], per_second: float) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, guest in enumerate(guests):
        await asyncio.sleep(max(0.0, began + number / per_second - loop.time()))
        _book(made, body, [guest], together=False)


def _named(one: Invitee) -> dict[str, str]:
    return {"event_uri": one.event, "invitee_uri": one.uri}
