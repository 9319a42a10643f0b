"""One subaccount in a running system: connect, select, book, and see what comes of it."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx2
from aiokafka import AIOKafkaConsumer

from devstack.calendly.admin_client import Account, CalendlyAdmin
from devstack.system import System

TOPICS = ("crm.calendly.bookings.v1", "crm.calendly.contacts.v1", "crm.calendly.calendars.v1")
DEADLINE = 60.0
"""Seconds."""


@dataclass(frozen=True, kw_only=True)
class OnTopic:
    """An event as it stands on its topic."""

    id: str
    type: str
    subject: str
    sequence: int
    data: dict[str, Any]


@dataclass(kw_only=True)
class Scene:
    """A subaccount."""

    system: System
    admin: CalendlyAdmin
    http: httpx2.AsyncClient
    database: asyncpg.Pool
    subaccount: str = field(default_factory=lambda: str(uuid.uuid4()))

    @classmethod
    @asynccontextmanager
    async def open(cls, system: System) -> "AsyncIterator[Scene]":
        """Open a new subaccount."""
        headers = {"Authorization": f"Bearer {system.token()}"}
        async with (
            CalendlyAdmin.open(system.calendly_url) as admin,
            httpx2.AsyncClient(headers=headers, timeout=20) as http,
            asyncpg.create_pool(system.environment["DATABASE_URL"], min_size=1, max_size=2) as database,
        ):
            yield cls(system=system, admin=admin, http=http, database=database)

    async def connected(self, account: Account, *calendars: str, user: str | None = None) -> str:
        """Connect an account for a user and select calendars; return the connection's id."""
        base = f"{self.system.ingest_url}/v1/subaccounts/{self.subaccount}/connections"
        body = {"user_id": user or str(uuid.uuid4()), "personal_access_token": account.token}
        connected = await self.http.post(base, json=body)
        assert connected.status_code == 201, connected.text
        connection = connected.json()["id"]
        selected = await self.http.put(f"{base}/{connection}/calendars", json={"selected": list(calendars)})
        assert selected.status_code == 200, selected.text
        return connection

    async def count(self) -> int:
        """Return how many appointments there are."""
        statement = "SELECT count(*) FROM crm.appointments WHERE subaccount_id = $1"
        return await self.database.fetchval(statement, uuid.UUID(self.subaccount))

    async def appointments(self) -> list[dict[str, Any]]:
        """Return the appointments, as the view shows them, in the order of their start."""
        statement = "SELECT * FROM crm.appointments WHERE subaccount_id = $1 ORDER BY starts_at, id"
        return [dict(row) for row in await self.database.fetch(statement, uuid.UUID(self.subaccount))]

    async def contacts(self) -> list[dict[str, Any]]:
        """Return the contacts, as the view shows them, in the order of their e-mail address."""
        statement = "SELECT * FROM crm.contacts WHERE subaccount_id = $1 ORDER BY email"
        return [dict(row) for row in await self.database.fetch(statement, uuid.UUID(self.subaccount))]

    async def has_caught_up(self) -> bool:
        """Tell whether nothing waits anywhere between the inbox and the read models."""
        if await self.database.fetchval("SELECT count(*) FROM ingest.inbox WHERE state = 'waiting'"):
            return False
        if any(one["state"] in {"held", "sending", "waiting"} for one in await self.admin.deliveries()):
            return False
        end = await self.database.fetchval("SELECT max(notification_id) FROM ingest.events") or 0
        if await self._relayed() < end:
            return False
        answer = await self.http.get(f"{self.system.projector_url}/v1/projections")
        return all(one["lag"] == 0 for one in answer.json()["items"])

    async def on_topics(self) -> list[OnTopic]:
        """Return this subaccount's events on the topics, from the beginning, read committed."""
        found = [one async for one in self._records()]
        return [one for one in found if one is not None]

    async def _relayed(self) -> float:
        url = self.system.services["relay"][1]
        metrics = (await self.http.get(f"{url}/metrics")).text
        line = next(line for line in metrics.splitlines() if line.startswith("bookstream_relay_position "))
        return float(line.split()[1])

    async def _records(self) -> AsyncIterator[OnTopic | None]:
        consumer = AIOKafkaConsumer(
            *TOPICS,
            bootstrap_servers=self.system.environment["KAFKA_BOOTSTRAP_SERVERS"],
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            ends = await consumer.end_offsets(list(consumer.assignment()))
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    for record in records:
                        yield self._ours(record)
        finally:
            await consumer.stop()

    def _ours(self, record: Any) -> OnTopic | None:
        headers = {name: value.decode() for name, value in record.headers}
        if headers["ce_subaccount"] != self.subaccount:
            return None
        return OnTopic(
            id=headers["ce_id"],
            type=headers["ce_type"].split(".")[1],
            subject=headers["ce_subject"],
            sequence=int(headers["ce_sequence"]),
            data=json.loads(record.value),
        )


async def until(condition: Callable[[], Awaitable[bool]], what: str, *, within: float = DEADLINE) -> None:
    """Wait until a condition holds; fail with `what` after a deadline."""
    deadline = time.monotonic() + within
    while not await condition():
        assert time.monotonic() < deadline, f"not in {within:g} s: {what}"
        await asyncio.sleep(0.02)
