"""Signed deliveries with retries, which can be held, doubled, reordered and dropped. No order is promised."""

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import httpx2

from devstack.calendly import resources
from devstack.calendly.state import Invitee, State, Subscription, now

Event = Literal["invitee.created", "invitee.canceled"]
RETRY_FOR = 24 * 3600
"""Seconds after which a delivery is given up."""
MOST_WAIT = 30.0
"""Seconds between two attempts at most; Calendly waits longer, but nobody wants to wait for that here."""


@dataclass(kw_only=True)
class Delivery:
    """One delivery and how it went."""

    subscription: str
    event: Event
    invitee: str
    body: bytes
    state: Literal["held", "sending", "delivered", "dropped", "given up"] = "held"
    answers: list[int] = field(default_factory=list[int])
    answered_at: datetime | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class Behaviour:
    """How deliveries behave: held back, sent several times, or dropped (the next so many)."""

    hold: bool = False
    times: int = 1
    drop_next: int = 0
    first_wait: float = 0.2
    """Seconds before the second attempt; each further wait is twice as long."""


class Dispatcher:
    """Sends deliveries."""

    def __init__(self, state: State, http: httpx2.AsyncClient, *, at_once: int = 32) -> None:
        self.behaviour = Behaviour()
        self.sent: list[Delivery] = []
        self._state = state
        self._http = http
        self._at_once = asyncio.Semaphore(at_once)
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def open(cls, state: State) -> "AsyncIterator[Dispatcher]":
        """Open the connections; at the end nothing more is sent."""
        async with httpx2.AsyncClient(timeout=15.0, follow_redirects=False) as http:
            dispatcher = cls(state, http)
            try:
                yield dispatcher
            finally:
                for task in dispatcher._tasks:
                    task.cancel()

    def emit(self, event: Event, invitee: Invitee) -> None:
        """Deliver to every active subscription that the booking concerns."""
        body = json.dumps(self._envelope(event, invitee)).encode()
        for one in self._concerned(event, invitee):
            envelope = body.replace(b'"CREATED BY"', json.dumps(one.creator).encode(), 1)
            for _ in range(self.behaviour.times):
                self._take(Delivery(subscription=one.uri, event=event, invitee=invitee.uri, body=envelope))

    def send(self, deliveries: Iterable[Delivery]) -> None:
        """Send deliveries, whatever their state."""
        for delivery in deliveries:
            delivery.state = "sending"
            task = asyncio.create_task(self._deliver(delivery), name=f"deliver {delivery.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def held(self) -> list[Delivery]:
        """Return what is held back, oldest first."""
        return [one for one in self.sent if one.state == "held"]

    def _take(self, delivery: Delivery) -> None:
        self.sent.append(delivery)
        if self.behaviour.drop_next > 0:
            self.behaviour.drop_next -= 1
            delivery.state = "dropped"
        elif not self.behaviour.hold:
            self.send([delivery])

    def _envelope(self, event: Event, invitee: Invitee) -> dict[str, Any]:
        scheduled = self._state.events[invitee.event]
        payload = {**resources.invitee(invitee), "scheduled_event": resources.scheduled_event(scheduled, self._state)}
        return {"event": event, "created_at": resources.stamp(now()), "created_by": "CREATED BY", "payload": payload}

    def _concerned(self, event: Event, invitee: Invitee) -> list[Subscription]:
        scheduled = self._state.events[invitee.event]
        organization = self._state.event_types[scheduled.event_type].organization
        return [
            one
            for one in self._state.subscriptions.values()
            if one.state == "active"
            and event in one.events
            and one.organization == organization
            and (one.scope == "organization" or one.user in scheduled.hosts)
        ]

    async def _deliver(self, delivery: Delivery) -> None:
        deadline, wait = time.monotonic() + RETRY_FOR, self.behaviour.first_wait
        while time.monotonic() < deadline:
            subscription = self._state.subscriptions.get(delivery.subscription)
            if subscription is None:
                break
            if await self._attempt(delivery, subscription):
                delivery.state, delivery.answered_at = "delivered", now()
                subscription.retry_started_at = None
                return
            subscription.retry_started_at = subscription.retry_started_at or now()
            await asyncio.sleep(wait)
            wait = min(wait * 2, MOST_WAIT)
        delivery.state = "given up"

    async def _attempt(self, delivery: Delivery, subscription: Subscription) -> bool:
        headers = {"Content-Type": "application/json", "User-Agent": "Calendly"}
        if subscription.signing_key is not None:
            headers["Calendly-Webhook-Signature"] = signature(delivery.body, subscription.signing_key)
        async with self._at_once:
            try:
                answer = await self._http.post(subscription.url, content=delivery.body, headers=headers)
            except httpx2.HTTPError:
                delivery.answers.append(0)
                return False
        delivery.answers.append(answer.status_code)
        return answer.is_success


def signature(body: bytes, key: str) -> str:
    """Return the header that signs a body now."""
    stamp = str(int(time.time()))
    made = hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={made}"
