"""Watching a booking travel: its deliveries at Calendly, its events on the topics, its rows in the read API."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
from aiokafka import AIOKafkaConsumer

from devstack.calendly.admin_client import CalendlyAdmin
from devstack.system import System

TOPICS = ("crm.calendly.bookings.v1", "crm.calendly.contacts.v1", "crm.calendly.calendars.v1")
LOOK_EVERY = 0.005
"""Seconds between two looks at the read API, which is also how exactly a row's arrival is known."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An event on a topic: what its headers say, and when it was read (seconds since 1970)."""

    id: str
    type: str
    subject: str
    recorded_at: float
    read_at: float
    data: dict[str, Any]


@dataclass
class Sightings:
    """All that was seen so far."""

    events: list[Seen] = field(default_factory=list[Seen])
    appointments: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)
    deliveries: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def of_invitee(self, invitee: str) -> Seen | None:
        """Return the import of a booking."""
        return next((one for one in self.events if one.data.get("calendly_invitee_uri") == invitee), None)

    def about(self, subject: str) -> list[Seen]:
        """Return the events of an aggregate, in the order in which they were read."""
        return [one for one in self.events if one.subject == subject]

    def answered(self, invitee: str) -> float | None:
        """Return when the first delivery of a booking was answered 202 (seconds since 1970)."""
        times = [one["answered_at"] for one in self.deliveries.get(invitee, ()) if one["answered_at"]]
        return min((datetime.fromisoformat(one).timestamp() for one in times), default=None)


class Watcher:
    """Keeps sightings up to date."""

    def __init__(self, system: System, admin: CalendlyAdmin, http: httpx2.AsyncClient, subaccount: str) -> None:
        self.seen = Sightings()
        self._system = system
        self._admin = admin
        self._http = http
        self._subaccount = subaccount

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Sightings]:
        """Watch in the background as long as the context lasts."""
        async with self._consumer() as consumer:
            tasks = [asyncio.create_task(self._read_topics(consumer)), asyncio.create_task(self._read_rows())]
            try:
                yield self.seen
            finally:
                for task in tasks:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task

    async def look_at_deliveries(self) -> None:
        """Read how deliveries went."""
        found = defaultdict[str, list[dict[str, Any]]](list)
        for one in await self._admin.deliveries():
            found[one["invitee"]].append(one)
        self.seen.deliveries = dict(found)

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            *TOPICS,
            bootstrap_servers=self._system.environment["KAFKA_BOOTSTRAP_SERVERS"],
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()

    async def _read_topics(self, consumer: AIOKafkaConsumer) -> None:
        async for record in consumer:
            headers = {name: value.decode() for name, value in record.headers}
            if headers.get("ce_subaccount") == self._subaccount:
                self.seen.events.append(
                    Seen(
                        id=headers["ce_id"],
                        type=headers["ce_type"].split(".")[1],
                        subject=headers["ce_subject"],
                        recorded_at=datetime.fromisoformat(headers["ce_time"]).timestamp(),
                        read_at=time.time(),
                        data=json.loads(record.value or b"{}"),
                    )
                )

    async def _read_rows(self) -> None:
        url = f"{self._system.projector_url}/v1/subaccounts/{self._subaccount}/appointments?limit=200"
        while True:
            for row in (await self._http.get(url)).json()["items"]:
                self.seen.appointments.setdefault(row["id"], (time.time(), row))
            await asyncio.sleep(LOOK_EVERY)
