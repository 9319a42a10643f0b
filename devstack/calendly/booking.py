"""Booking, cancelling and rescheduling, as guests and hosts do it."""

import itertools
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from devstack.calendly.deliveries import Dispatcher
from devstack.calendly.model import EventType, Invitee, ScheduledEvent, now
from devstack.calendly.problems import invalid, not_found
from devstack.calendly.resources import stamp
from devstack.calendly.state import State


@dataclass(frozen=True, kw_only=True)
class Booking:
    """What is booked: on a new event, or with `event` as one more guest of it. A start is made up where none is given.

    `silently` delivers nothing, as if deliveries were lost.
    """

    event_type: str
    event: str | None = None
    starts_at: datetime | None = None
    created_at: datetime | None = None
    host: str | None = None
    silently: bool = False


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Who books."""

    name: str
    email: str
    first_name: str | None = None
    last_name: str | None = None
    timezone: str | None = "Europe/Oslo"


class Bookings:
    """Changes bookings and delivers what happened."""

    def __init__(self, state: State, dispatcher: Dispatcher) -> None:
        self._state = state
        self._dispatcher = dispatcher
        self._turns: dict[str, itertools.cycle[str]] = {}
        self._slots = itertools.count(1)

    def book(self, booking: Booking, guest: Guest, *, old: Invitee | None = None) -> Invitee:
        """Book. Raises Problem: 404 for an event type that takes no bookings, 400 for a full event or a false host."""
        kind = self._state.event_types.get(booking.event_type)
        if kind is None or kind.deleted_at is not None or not kind.active:
            raise not_found()
        made_at = booking.created_at or now()
        scheduled = self._join(booking.event, made_at) if booking.event else self._schedule(kind, booking, made_at)
        made = Invitee(event=scheduled.uri, created_at=made_at, updated_at=made_at, **vars(guest))
        made.old_invitee = old.uri if old else None
        invitee = self._state.add_invitee(made)
        if not booking.silently:
            self._dispatcher.emit("invitee.created", invitee)
        return invitee

    def cancel(self, invitee_uri: str, *, by: str, reason: str | None = None, silently: bool = False) -> Invitee:
        """Cancel one booking; the event goes on while it has other guests."""
        invitee = self._active(invitee_uri)
        self._end(invitee, by=by, reason=reason)
        if not silently:
            self._dispatcher.emit("invitee.canceled", invitee)
        return invitee

    def reschedule(self, invitee_uri: str, booking: Booking) -> Invitee:
        """Reschedule: the old booking is cancelled, and a new one stands on a new event."""
        old = self._active(invitee_uri)
        guest = Guest(**{name: getattr(old, name) for name in Guest.__dataclass_fields__})
        new = self.book(replace(booking, silently=True), guest, old=old)
        self._end(old, by="invitee", reason=None)
        old.rescheduled, old.new_invitee = True, new.uri
        if not booking.silently:
            self._dispatcher.emit("invitee.canceled", old)
            self._dispatcher.emit("invitee.created", new)
        return new

    def _join(self, event: str, made_at: datetime) -> ScheduledEvent:
        scheduled = self._state.events.get(event)
        if scheduled is None or scheduled.status != "active":
            raise not_found()
        active = [one for one in self._state.invitees_of(event) if one.status == "active"]
        if len(active) >= scheduled.limit:
            raise invalid("event", "is full")
        scheduled.updated_at = max(scheduled.updated_at, made_at)
        return scheduled

    def _schedule(self, kind: EventType, booking: Booking, made_at: datetime) -> ScheduledEvent:
        length = timedelta(minutes=kind.duration)
        start = booking.starts_at or now() + timedelta(days=1) + next(self._slots) * timedelta(minutes=30)
        scheduled = ScheduledEvent(
            event_type=kind.uri,
            name=kind.name,
            hosts=self._hosts(kind, booking.host),
            starts_at=start,
            ends_at=start + length,
            limit=kind.limit,
            created_at=made_at,
            updated_at=made_at,
        )
        self._state.events[scheduled.uri] = scheduled
        return scheduled

    def _hosts(self, kind: EventType, host: str | None) -> list[str]:
        if host is not None:
            if host not in kind.hosts:
                raise invalid("host", "does not host this event type")
            return [host]
        if kind.pooling_type == "round_robin":
            return [next(self._turns.setdefault(kind.uri, itertools.cycle(kind.hosts)))]
        return list(kind.hosts)

    def _active(self, invitee_uri: str) -> Invitee:
        invitee = self._state.invitees.get(invitee_uri)
        if invitee is None:
            raise not_found()
        if invitee.status != "active":
            raise invalid("invitee", "is canceled already")
        return invitee

    def _end(self, invitee: Invitee, *, by: str, reason: str | None) -> None:
        moment, scheduled = now(), self._state.events[invitee.event]
        who = self._state.users[scheduled.hosts[0]].name if by == "host" else invitee.name
        cancellation = {"canceled_by": who, "reason": reason, "canceler_type": by, "created_at": stamp(moment)}
        invitee.status, invitee.updated_at, invitee.cancellation = "canceled", moment, cancellation
        scheduled.updated_at = moment
        if all(one.status == "canceled" for one in self._state.invitees_of(scheduled.uri)):
            scheduled.status, scheduled.cancellation = "canceled", cancellation
