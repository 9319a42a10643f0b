"""Signed deliveries with retries, which can be held, doubled, reordered and dropped. No order is promised."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2

from devstack.calendly.behaviour import Behaviour
from devstack.calendly.delivery import Delivery, Event, bodies, signature
from devstack.calendly.model import Invitee, Subscription, now
from devstack.calendly.state import State

MOST_WAIT = 30.0
"""Seconds between two attempts at most; Calendly waits longer, but nobody wants to wait for that here."""
ANSWERED_WITHIN = 15.0
"""Seconds for one attempt."""


class Dispatcher:
    """Sends deliveries."""

    def __init__(self, state: State, http: httpx2.AsyncClient, *, behaviour: Behaviour) -> None:
        self.sent: list[Delivery] = []
        self._state = state
        self._http = http
        self._tasks: set[asyncio.Task[None]] = set()
        self.behave(behaviour)

    @classmethod
    @asynccontextmanager
    async def open(cls, state: State, *, behaviour: Behaviour) -> "AsyncIterator[Dispatcher]":
        """Open the connections; at the end nothing more is sent."""
        timeout, limits = httpx2.Timeout(None), httpx2.Limits(max_connections=500)
        async with httpx2.AsyncClient(timeout=timeout, limits=limits, follow_redirects=False) as http:
            dispatcher = cls(state, http, behaviour=behaviour)
            try:
                yield dispatcher
            finally:
                await dispatcher.stop()

    def behave(self, behaviour: Behaviour) -> None:
        """Behave so from now on."""
        self.behaviour = behaviour
        self._at_once = asyncio.Semaphore(behaviour.at_once)

    def emit(self, event: Event, invitee: Invitee) -> None:
        """Deliver to every active subscription that the booking concerns."""
        for subscription, body in bodies(self._state, event, invitee):
            for _ in range(self.behaviour.times):
                self._take(Delivery(subscription=subscription, event=event, invitee=invitee.uri, body=body))

    def send(self, deliveries: Iterable[Delivery]) -> None:
        """Send deliveries at once, whatever their state."""
        for delivery in deliveries:
            delivery.state = "sending"
            self._run(self._deliver(delivery, asyncio.Event()))

    def send_in_turn(self, deliveries: Iterable[Delivery]) -> None:
        """Send deliveries one after another, each when the one before it has its first answer."""
        chosen = list(deliveries)
        for delivery in chosen:
            delivery.state = "sending"
        self._run(self._take_turns(chosen))

    def held(self) -> list[Delivery]:
        """Return what is held back, oldest first."""
        return [one for one in self.sent if one.state == "held"]

    async def stop(self) -> None:
        """Stop sending and forget all deliveries."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.sent.clear()

    def _take(self, delivery: Delivery) -> None:
        self.sent.append(delivery)
        if self.behaviour.drop_next > 0:
            self.behaviour.drop_next -= 1
            delivery.state = "dropped"
        elif not self.behaviour.hold:
            self.send([delivery])

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take_turns(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            answered = asyncio.Event()
            self._run(self._deliver(delivery, answered))
            await answered.wait()

    async def _deliver(self, delivery: Delivery, answered: asyncio.Event) -> None:
        try:
            await self._try(delivery, answered)
        finally:
            answered.set()

    async def _try(self, delivery: Delivery, answered: asyncio.Event) -> None:
        await asyncio.sleep(self.behaviour.delay)
        wait, began = self.behaviour.first_wait, time.monotonic()
        while subscription := self._wanted(delivery):
            if await self._attempt(delivery, subscription):
                delivery.state, delivery.answered_at = "delivered", now()
                subscription.retry_started_at = None
                return
            answered.set()
            self._note_failure(subscription)
            if time.monotonic() - began >= self.behaviour.give_up_after:
                break
            await asyncio.sleep(wait)
            wait = min(wait * 2, MOST_WAIT)
        delivery.state = "given up"

    def _wanted(self, delivery: Delivery) -> Subscription | None:
        found = self._state.subscriptions.get(delivery.subscription)
        return found if found is not None and found.state == "active" else None

    def _note_failure(self, subscription: Subscription) -> None:
        subscription.retry_started_at = subscription.retry_started_at or now()
        if now() - subscription.retry_started_at >= timedelta(seconds=self.behaviour.give_up_after):
            subscription.state, subscription.updated_at = "disabled", now()

    async def _attempt(self, delivery: Delivery, subscription: Subscription) -> bool:
        async with self._at_once:
            stamp = int(time.time())
            delivery.first_stamp = delivery.first_stamp or stamp
            headers = {"Content-Type": "application/json", "User-Agent": "Calendly"}
            if subscription.signing_key is not None:
                signed = delivery.first_stamp if self.behaviour.same_stamp else stamp
                made = signature(delivery.body, key=subscription.signing_key, stamp=signed)
                headers["Calendly-Webhook-Signature"] = made
            try:
                # The client was seen to wait for ever when what it talks to is killed: its own limits end no such wait.
                async with asyncio.timeout(ANSWERED_WITHIN):
                    answer = await self._http.post(subscription.url, content=delivery.body, headers=headers)
            except Exception:  # noqa: BLE001, whatever was wrong, Calendly would try again
                delivery.answers.append(0)
                return False
        delivery.answers.append(answer.status_code)
        return answer.is_success
