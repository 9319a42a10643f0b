"""What is delivered, to whom, and how it is signed."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from devstack.calendly import resources
from devstack.calendly.model import Invitee, Subscription, now
from devstack.calendly.state import State

Event = Literal["invitee.created", "invitee.canceled"]


@dataclass(kw_only=True)
class Delivery:
    """One delivery and how it went: the status of each attempt's answer, 0 where there was none."""

    subscription: str
    event: Event
    invitee: str
    body: bytes
    state: Literal["held", "sending", "delivered", "dropped", "given up"] = "held"
    answers: list[int] = field(default_factory=list[int])
    answered_at: datetime | None = None
    first_stamp: int | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def again(self) -> "Delivery":
        """Return the same delivery, not sent yet."""
        return Delivery(subscription=self.subscription, event=self.event, invitee=self.invitee, body=self.body)


def bodies(state: State, event: Event, invitee: Invitee) -> Iterator[tuple[str, bytes]]:
    """Yield the URI of every active subscription that a booking concerns, and what it is told."""
    chosen = _concerned(state, event, invitee)
    if not chosen:
        return
    payload = {**resources.invitee(invitee), "scheduled_event": _embedded(state, invitee)}
    for one in chosen:
        envelope = {"event": event, "created_at": resources.stamp(now()), "created_by": one.creator, "payload": payload}
        yield one.uri, json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def signature(body: bytes, *, key: str, stamp: int) -> str:
    """Return the header that signs a body at a moment (Unix seconds)."""
    made = hmac.new(key.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={made}"


def _embedded(state: State, invitee: Invitee) -> dict[str, Any]:
    """Return the event as deliveries show it: without its place in the host's own calendar."""
    shown = resources.scheduled_event(state.events[invitee.event], state)
    del shown["calendar_event"]
    for member in shown["event_memberships"]:
        del member["buffered_start_time"], member["buffered_end_time"]
    return shown


def _concerned(state: State, event: Event, invitee: Invitee) -> list[Subscription]:
    scheduled = state.events[invitee.event]
    organization = state.event_types[scheduled.event_type].organization
    return [
        one
        for one in state.subscriptions.values()
        if one.state == "active"
        and event in one.events
        and one.organization == organization
        and (one.scope == "organization" or one.user in scheduled.hosts)
    ]
