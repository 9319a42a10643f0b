"""A connected account and signed deliveries for it, without a Calendly in the way of what is measured."""

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx2

from benchmarks.load import request
from devstack.calendly.admin_client import CalendlyAdmin
from devstack.calendly.delivery import signature
from devstack.system import System
from services.ingest.secrets.vault import Vault
from services.ingest.settings import IngestSettings


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A connection: who signs for it, and which calendar is selected."""

    subaccount: uuid.UUID
    connection: uuid.UUID
    signing_key: str
    calendar: str


async def prepare(system: System) -> Prepared:
    """Connect an account and select its calendar, through the API."""
    subaccount, headers = uuid.uuid4(), {"Authorization": f"Bearer {system.token()}"}
    base = f"{system.ingest_url}/v1/subaccounts/{subaccount}/connections"
    async with CalendlyAdmin.open(system.calendly_url) as admin, httpx2.AsyncClient(headers=headers) as http:
        organization = await admin.organization()
        account = await admin.user(organization, "Ingrid Solheim")
        calendar = await admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
        body = {"user_id": str(uuid.uuid4()), "personal_access_token": account.token}
        connection = uuid.UUID((await http.post(base, json=body)).json()["id"])
        (await http.put(f"{base}/{connection}/calendars", json={"selected": [calendar]})).raise_for_status()
    key = await _signing_key(system, connection)
    return Prepared(subaccount=subaccount, connection=connection, signing_key=key, calendar=calendar)


async def _signing_key(system: System, connection: uuid.UUID) -> str:
    settings = IngestSettings.model_validate({name.lower(): value for name, value in system.environment.items()})
    database = await asyncpg.connect(system.environment["DATABASE_URL"])
    sealed = await database.fetchval("SELECT signing_keys[1] FROM ingest.connections WHERE id = $1", connection)
    await database.close()
    return Vault(settings.secret_keys).open(sealed, owner=connection).decode()


def deliveries(system: System, prepared: Prepared, count: int) -> tuple[list[str], Sequence[bytes]]:
    """Return invitee URIs and the requests that deliver them, each of another guest on an event of its own."""
    host, _, port = system.ingest_url.removeprefix("http://").partition(":")
    path = f"/webhooks/calendly/{prepared.connection}"
    uris, requests = list[str](), list[bytes]()
    for number in range(count):
        told = delivery(prepared.calendar, number)
        body = json.dumps(told).encode()
        headers = {"Calendly-Webhook-Signature": signature(body, key=prepared.signing_key, stamp=int(time.time()))}
        uris.append(told["payload"]["uri"])
        requests.append(request(host, int(port), path, headers, body))
    return uris, requests


def delivery(calendar: str, number: int) -> dict[str, Any]:
    """Return what Calendly delivers of a new booking, by a guest of its own."""
    now = datetime.now(UTC)
    start = now + timedelta(days=1, minutes=30 * number)
    event = f"https://api.calendly.com/scheduled_events/{uuid.uuid4()}"
    answers = [{"question": "What do you want to talk about?", "answer": "x" * 800, "position": 0}]
    return {
        "event": "invitee.created",
        "created_at": now.isoformat(),
        "created_by": "https://api.calendly.com/users/AAAAAAAAAAAAAAAA",
        "payload": {
            "uri": f"{event}/invitees/{uuid.uuid4()}",
            "email": f"guest.{uuid.uuid4().hex}@example.test",
            "name": f"Guest {number}",
            "status": "active",
            "questions_and_answers": answers,
            "created_at": now.isoformat(),
            "updated_at": now.isoformat(),
            "scheduled_event": {
                "uri": event,
                "name": "Intro call",
                "status": "active",
                "start_time": start.isoformat(),
                "end_time": (start + timedelta(minutes=30)).isoformat(),
                "event_type": calendar,
                "event_memberships": [],
                "event_guests": [],
            },
        },
    }
