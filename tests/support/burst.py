"""Many deliveries at once over many connections, sent again until they are taken, as Calendly does."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from devstack.calendly.delivery import signature
from services.ingest.secrets.vault import Vault
from services.ingest.settings import IngestSettings
from tests.support.payloads import API, body, invitee_created
from tests.support.scene import Scene

AGAIN_AFTER = 0.5
"""Seconds before a delivery that was not taken is sent again."""


@dataclass
class Sent:
    """How often each status was answered (0: no answer), and how many deliveries were taken."""

    statuses: Counter[int] = field(default_factory=Counter[int])
    taken: int = 0


async def signing_key(scene: Scene, connection: str) -> str:
    """Return the key that Calendly signs a connection's deliveries with."""
    settings = IngestSettings.model_validate({k.lower(): value for k, value in scene.system.environment.items()})
    statement = "SELECT signing_keys[1] FROM ingest.connections WHERE id = $1"
    sealed = await scene.database.fetchval(statement, UUID(connection))
    return Vault(settings.secret_keys).open(sealed, owner=UUID(connection)).decode()


def deliveries(calendar: str, count: int) -> list[bytes]:
    """Return the bodies of bookings of so many different guests, each on an event of its own."""
    return [body(_booking(calendar, number)) for number in range(count)]


async def send(scene: Scene, connection: str, bodies: Sequence[bytes], *, connections: int) -> Sent:
    """Send signed deliveries over so many connections at once, until each was taken."""
    key, waiting, sent = await signing_key(scene, connection), deque(bodies), Sent()
    host, path = urlsplit(scene.system.ingest_url), f"/webhooks/calendly/{connection}"

    async def work() -> None:
        while waiting:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection(host.hostname, host.port)
                while waiting:
                    await _one(reader, writer, lambda one: _request(path, one, key), waiting, sent)

    await asyncio.gather(*(work() for _ in range(connections)))
    return sent


async def _one(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    request: Callable[[bytes], bytes],
    waiting: deque[bytes],
    sent: Sent,
) -> None:
    one, status = waiting.popleft(), 0
    try:
        writer.write(request(one))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        await reader.readexactly(length)
        status = int(head[9:12])
    finally:
        sent.statuses[status] += 1
        if status != 202:
            waiting.append(one)
    if status == 202:
        sent.taken += 1
    else:
        await asyncio.sleep(AGAIN_AFTER)


def _request(path: str, one: bytes, key: str) -> bytes:
    head = [
        f"POST {path} HTTP/1.1",
        "Host: bookstream",
        f"Content-Length: {len(one)}",
        f"Calendly-Webhook-Signature: {signature(one, key=key, stamp=int(time.time()))}",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + one


def _booking(calendar: str, number: int) -> dict[str, Any]:
    event, start = f"{API}/scheduled_events/B{number}", datetime.now(UTC) + timedelta(days=1, minutes=number)
    return invitee_created(
        uri=f"{event}/invitees/B{number}",
        email=f"guest{number}@mail.example",
        created_at=datetime.now(UTC).isoformat(),
        scheduled_event={
            "uri": event,
            "event_type": calendar,
            "start_time": start.isoformat(),
            "end_time": (start + timedelta(minutes=30)).isoformat(),
        },
    )
