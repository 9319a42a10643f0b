"""Booking, cancelling and rescheduling, as guests and hosts do it."""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

from devstack.calendly.deliveries import Dispatcher
from devstack.calendly.problems import invalid, not_found
from devstack.calendly.state import EventType, Invitee, ScheduledEvent, State, now

LENGTH = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Who books."""

    name: str
    email: str


class Bookings:
    """Changes bookings and delivers what happened."""

    def __init__(self, state: State, dispatcher: Dispatcher) -> None:
        self._state = state
        self._dispatcher = dispatcher
        self._turns: dict[str, itertools.cycle[str]] = {}
        self._slots = itertools.count(1)

    def book(
        self,
        event_type: str,
        guest: Guest,
        *,
        starts_at: datetime | None = None,
        created_at: datetime | None = None,
        host: str | None = None,
        event: str | None = None,
        old: Invitee | None = None,
        silently: bool = False,
    ) -> Invitee:
        """Book; with `event` as one more guest of it. `silently` delivers nothing, as if deliveries were lost."""
        kind = self._state.event_types.get(event_type)
        if kind is None or kind.deleted_at is not None or not kind.active:
            raise not_found()
        made_at = created_at or now()
        scheduled = self._join(event) if event else self._schedule(kind, starts_at, host, made_at)
        invitee = self._state.add_invitee(
            Invitee(
                event=scheduled.uri,
                name=guest.name,
                email=guest.email,
                created_at=made_at,
                updated_at=made_at,
                old_invitee=old.uri if old else None,
            )
        )
        if not silently:
            self._dispatcher.emit("invitee.created", invitee)
        return invitee

    def cancel(self, invitee_uri: str, *, by: str) -> Invitee:
        """Cancel one booking; the event goes on while it has other guests."""
        invitee = self._active(invitee_uri)
        self._end(invitee, by=by)
        self._dispatcher.emit("invitee.canceled", invitee)
        return invitee

    def reschedule(self, invitee_uri: str, *, starts_at: datetime | None, host: str | None) -> Invitee:
        """Reschedule: the old booking is cancelled, and a new one stands on a new event."""
        old = self._active(invitee_uri)
        event_type = self._state.events[old.event].event_type
        self._end(old, by="invitee")
        new = self.book(
            event_type,
            Guest(name=old.name, email=old.email),
            starts_at=starts_at,
            host=host,
            old=old,
            silently=True,
        )
        old.rescheduled, old.new_invitee = True, new.uri
        self._dispatcher.emit("invitee.canceled", old)
        self._dispatcher.emit("invitee.created", new)
        return new

    def _join(self, event: str) -> ScheduledEvent:
        scheduled = self._state.events.get(event)
        if scheduled is None or scheduled.status != "active":
            raise not_found()
        active = [one for one in self._state.invitees_of(event) if one.status == "active"]
        if len(active) >= scheduled.limit:
            raise invalid("event", "is full")
        return scheduled

    def _schedule(
        self, kind: EventType, starts_at: datetime | None, host: str | None, made_at: datetime
    ) -> ScheduledEvent:
        start = starts_at or now() + timedelta(days=1) + next(self._slots) * LENGTH
        scheduled = ScheduledEvent(
            event_type=kind.uri,
            name=kind.name,
            hosts=self._hosts(kind, host),
            starts_at=start,
            ends_at=start + LENGTH,
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

    def _end(self, invitee: Invitee, *, by: str) -> None:
        moment = now()
        invitee.status, invitee.updated_at = "canceled", moment
        invitee.cancellation = {
            "canceled_by": invitee.name,
            "reason": None,
            "canceler_type": by,
            "created_at": moment.isoformat(),
        }
        scheduled = self._state.events[invitee.event]
        scheduled.updated_at = moment
        if all(one.status == "canceled" for one in self._state.invitees_of(scheduled.uri)):
            scheduled.status = "canceled"
