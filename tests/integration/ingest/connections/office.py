"""A studio that connects by OAuth, on a real Calendly stand-in and PostgreSQL; `office` is a fixture."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx2
import pytest

from devstack.calendly.admin_client import OAuthApp
from domain.recorded import Context
from services.ingest.calendly.client import open_calendly
from services.ingest.calendly.oauth import OAuth, open_oauth
from services.ingest.calendly.oauth import OAuthApp as App
from services.ingest.connections.access import Access
from services.ingest.connections.authorize import begin, finish, take
from services.ingest.connections.connect_account import Connected
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.rows import Row, Rows
from services.ingest.secrets.vault import Vault
from tests.integration.ingest.connections.conftest import Studio
from tests.support.calendly import StandIn

LENA = ("Lena Vogt", "lena@mail.example")


@dataclass(kw_only=True)
class Office:
    """A studio that connects by OAuth, with what a second process would have."""

    studio: Studio
    deps: Dependencies
    oauth: OAuth

    async def allowed(
        self, *, subaccount: UUID | None = None, at: datetime | None = None, asking: bool = True
    ) -> dict[str, str]:
        """Have the user allow access; return what Calendly sends back. Not `asking` gives what the app has."""
        await self.studio.admin.sign_in(self.studio.account.uri)
        url = await begin(
            self.deps,
            self.oauth,
            subaccount_id=subaccount or self.studio.subaccount,
            user_id=self.studio.user_id,
            at=at or datetime.now(UTC),
        )
        url = url if asking else re.sub(r"[?&]scope=[^&]*", "", url)
        async with httpx2.AsyncClient() as browser:
            answer = await browser.get(url)
        return {name: one[0] for name, one in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    async def connected(self) -> Connected:
        """Connect by OAuth."""
        back = await self.allowed()
        attempt = await take(self.deps, back["state"], at=datetime.now(UTC))
        context = Context(at=datetime.now(UTC), cause="command", cause_id=uuid4(), trace=None)
        return await finish(self.deps, self.oauth, attempt, back["code"], context)

    async def row(self, connection: UUID | str) -> Row:
        """Return the connection as it is stored."""
        found = await self.deps.rows.by_id(UUID(str(connection)))
        assert found is not None
        return found

    async def expire(self, connection: UUID) -> Row:
        """Let the connection's token be about to expire."""
        soon = datetime.now(UTC) + timedelta(seconds=30)
        statement = "UPDATE ingest.connections SET token_expires_at = $2, token_since = $3 WHERE id = $1"
        await self.deps.pool.execute(statement, connection, soon, soon - timedelta(hours=2))
        return await self.row(connection)

    async def state(self, connection: UUID | str) -> str:
        """Return the state that the API shows."""
        return (await self.studio.call("GET", f"/{connection}")).json()["state"]


@pytest.fixture
async def office(studio: Studio, stand_in: StandIn) -> AsyncIterator[Office]:
    async with open_office(studio, stand_in) as opened:
        yield opened


@asynccontextmanager
async def open_office(studio: Studio, stand_in: StandIn, **facts: Any) -> AsyncIterator[Office]:
    """Open an office with an OAuth app of these facts."""
    back = "http://localhost:8000/oauth/calendly/callback"
    made: OAuthApp = await studio.admin.oauth_app(back, **facts)
    app = App(
        client_id=made.client_id,
        client_secret=made.client_secret or "",
        signing_key=made.webhook_signing_key,
        redirect_uri=back,
    )
    vault, pool = Vault([b"k" * 32]), studio.ingest.pool
    async with open_calendly(stand_in.url) as calendly, open_oauth(app, auth_url=stand_in.url) as oauth:
        assert oauth is not None
        deps = Dependencies(
            pool=pool,
            store=studio.ingest.store,
            rows=Rows(pool),
            vault=vault,
            access=Access(pool, vault=vault, oauth=oauth, clock=lambda: datetime.now(UTC)),
            oauth=oauth,
            calendly=calendly,
            clock=lambda: datetime.now(UTC),
            public_url=str(studio.ingest.http.base_url),
        )
        yield Office(studio=studio, deps=deps, oauth=oauth)
