"""A studio at Calendly and a subaccount of the CRM, new for each test; ingest and the stand-in serve a module."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from devstack.calendly.admin_client import Account, CalendlyAdmin
from tests.support.calendly import StandIn, calendly_stand_in
from tests.support.ingest import Ingest, ingest_over_http, tables


@pytest.fixture(scope="module")
async def stand_in() -> AsyncIterator[StandIn]:
    async with calendly_stand_in() as running:
        yield running


@pytest.fixture(scope="module")
async def ingest(database_url: str, stand_in: StandIn) -> AsyncIterator[Ingest]:
    await tables(database_url)
    async with ingest_over_http(database_url=database_url, calendly_url=stand_in.url) as running:
        yield running


@dataclass(kw_only=True)
class Studio:
    """An organization at Calendly with one user, and one user of a subaccount who connects."""

    ingest: Ingest
    admin: CalendlyAdmin
    organization: str
    account: Account
    subaccount: UUID = field(default_factory=uuid4)
    user_id: UUID = field(default_factory=uuid4)

    async def call(self, method: str, path: str = "", body: Any = None, **more: Any) -> httpx2.Response:
        """Call the connections API of the subaccount."""
        return await self.ingest.call(method, f"/connections{path}", body, subaccount=self.subaccount, **more)

    async def connect(self, *, account: Account | None = None, user_id: UUID | None = None) -> httpx2.Response:
        """Connect an account, the studio's own unless another is given."""
        body = {
            "user_id": str(user_id or self.user_id),
            "personal_access_token": (account or self.account).token,
        }
        return await self.call("POST", "", body)

    async def connected(self, **more: Any) -> str:
        """Connect and return the connection's id."""
        answer = await self.connect(**more)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def select(self, connection: str, *selected: str, removed: dict[str, str] | None = None) -> httpx2.Response:
        """Set the whole selection."""
        return await self.call(
            "PUT", f"/{connection}/calendars", {"selected": list(selected), "removed": removed or {}}
        )

    async def calendars(self, connection: str) -> dict[str, dict[str, Any]]:
        """Return a connection's calendars as the API shows them, by URI."""
        answer = await self.call("GET", f"/{connection}")
        return {one["uri"]: one for one in answer.json()["calendars"]}

    async def event_type(self, name: str, **facts: Any) -> str:
        """Make an event type of the user's own."""
        facts = {"owner": self.account.uri, "hosts": [self.account], **facts}
        return await self.admin.event_type(self.organization, name, **facts)

    async def subscriptions(self, account: Account | None = None) -> list[dict[str, Any]]:
        """Return the webhook subscriptions of an account at Calendly."""
        uri = (account or self.account).uri
        return [one for one in await self.admin.subscriptions() if one["user"] == uri]

    async def delivered(self, connection: str, invitee: str) -> None:
        """Wait until a delivery of a booking was accepted and stored for a connection."""
        statement = "SELECT count(*) FROM ingest.inbox WHERE connection_id = $1 AND invitee_uri = $2"
        async with asyncio.timeout(10):
            while not await self.ingest.pool.fetchval(statement, UUID(connection), invitee):
                await asyncio.sleep(0.02)

    async def recorded(self, connection: str) -> list[str]:
        """Return what the event store has of a connection."""
        events = await self.ingest.store.events_of([UUID(connection)])
        return [type(event).__name__ for event in events.get(UUID(connection), [])]


@pytest.fixture
async def studio(ingest: Ingest, stand_in: StandIn) -> Studio:
    organization = await stand_in.admin.organization(plan="teams")
    account = await stand_in.admin.user(organization, "Ingrid Dahl")
    return Studio(ingest=ingest, admin=stand_in.admin, organization=organization, account=account)
