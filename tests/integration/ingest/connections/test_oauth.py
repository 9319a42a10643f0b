"""Connecting by OAuth, refreshing, and looking after connections, on a real Calendly stand-in and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx2
import pytest
from fastapi import FastAPI

from devstack.calendly.admin_client import EXPIRED, OAuthApp
from domain.recorded import Context
from services.ingest.calendly.client import open_calendly
from services.ingest.calendly.errors import TokenRefused
from services.ingest.calendly.oauth import CALLBACK, OAuth, open_oauth
from services.ingest.calendly.oauth import OAuthApp as App
from services.ingest.connections import oauth_api
from services.ingest.connections.access import Access
from services.ingest.connections.authorize import begin, finish, take
from services.ingest.connections.connect_account import Connected
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.replace_subscription import replace_subscription
from services.ingest.connections.rows import Row, Rows
from services.ingest.connections.watch import watch
from services.ingest.secrets.vault import Vault
from services.runtime import problems
from tests.integration.ingest.connections.conftest import Studio
from tests.support.calendly import StandIn

LENA = ("Lena Vogt", "lena@mail.example")


@dataclass(kw_only=True)
class Office:
    """A studio that connects by OAuth, with what a second process would have."""

    studio: Studio
    deps: Dependencies
    oauth: OAuth

    async def allowed(self) -> dict[str, str]:
        """Have the user allow access; return what Calendly sends back."""
        await self.studio.admin.sign_in(self.studio.account.uri)
        url = await begin(
            self.deps,
            self.oauth,
            subaccount_id=self.studio.subaccount,
            user_id=self.studio.user_id,
            at=datetime.now(UTC),
        )
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
    back = "http://localhost:8000/oauth/calendly/callback"
    made: OAuthApp = await studio.admin.oauth_app(back)
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


async def test_without_an_app_authorize_says_which_settings_to_make(studio: Studio) -> None:
    answer = await studio.call("GET", f"/authorize?user_id={uuid4()}")
    assert (answer.status_code, answer.json()["type"]) == (501, "/problems/oauth-not-configured")
    assert answer.json()["settings"] == [
        "CALENDLY_CLIENT_ID",
        "CALENDLY_CLIENT_SECRET",
        "CALENDLY_WEBHOOK_SIGNING_KEY",
    ]


async def test_an_account_connected_by_oauth_takes_deliveries_signed_with_the_apps_key(office: Office) -> None:
    # given
    made = await office.connected()
    assert made.new
    # when
    (booked,) = await office.studio.admin.book(await office.studio.event_type("Intro call"), LENA)
    # then
    await office.studio.delivered(str(made.id), booked.invitee)


async def test_a_state_is_used_once_even_by_two_at_the_same_moment(office: Office) -> None:
    back = await office.allowed()
    taken = await asyncio.gather(
        *(take(office.deps, back["state"], at=datetime.now(UTC)) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in taken) == ["Attempt", "StateUnknown", "StateUnknown", "StateUnknown"]


@asynccontextmanager
async def callback_app(office: Office) -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    problems.install(app)
    app.include_router(oauth_api.router(office.deps, missing=()))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as http:
        yield http


async def test_the_callback_connects_once_and_says_what_to_do_when_it_cannot(office: Office) -> None:
    async with callback_app(office) as http:
        # given
        back = await office.allowed()
        # when
        answers = [await http.get(CALLBACK, params=back), await http.get(CALLBACK, params=back)]
        # then
        assert [one.status_code for one in answers] == [201, 422]
        assert await office.state(answers[0].json()["connection_id"]) == "connected"
        assert answers[1].json()["type"] == "/problems/oauth-state-unknown"


async def test_a_user_who_does_not_allow_access_is_told_so(office: Office) -> None:
    async with callback_app(office) as http:
        back = await office.allowed()
        answer = await http.get(CALLBACK, params={"error": "access_denied", "state": back["state"]})
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/oauth-denied")


async def test_a_refresh_happens_once_however_many_ask_at_the_same_moment(office: Office) -> None:
    # given a token that is about to expire
    row = await office.expire((await office.connected()).id)
    other = Access(office.deps.pool, vault=office.deps.vault, oauth=office.oauth, clock=office.deps.clock)
    # when two processes ask for it
    tokens = await asyncio.gather(*(one.access_token(row) for one in (office.deps.access, other) * 4))
    # then all have the same new one, and it works
    assert len(set(tokens)) == 1
    assert (await office.deps.calendly(tokens[0]).me()).uri == row.calendly_user_uri
    assert await office.state(row.id) == "connected"


async def test_a_refresh_token_that_is_refused_asks_for_a_reconnection_and_oauth_renews_the_connection(
    office: Office,
) -> None:
    # given
    made = await office.connected()
    row = await office.expire(made.id)
    await office.studio.admin.order(
        "token_faults", user=office.studio.account.uri, fault=EXPIRED, refresh_too=True
    )  # fmt: skip
    # when
    with pytest.raises(TokenRefused):
        await office.deps.access.access_token(row)
    # then
    assert await office.state(made.id) == "needs_reconnect"
    # and connecting the account again keeps the connection
    again = await office.connected()
    assert (again, await office.state(made.id)) == (Connected(id=made.id, new=False), "connected")


async def test_a_personal_token_that_is_refused_asks_for_a_reconnection_and_a_new_one_renews_it(
    office: Office,
) -> None:
    # given
    studio = office.studio
    connection = await studio.connected()
    await studio.admin.order("token_faults", token=studio.account.token, fault=EXPIRED)
    # when
    assert await watch(office.deps, await office.row(connection)) is False
    assert await office.state(connection) == "needs_reconnect"
    # then
    fresh = await studio.admin.token(studio.account.uri)
    body: dict[str, Any] = {"user_id": str(studio.user_id), "personal_access_token": fresh}
    answer = await studio.call("POST", "", body)
    assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (200, connection, "connected")
    assert len(await studio.subscriptions()) == 1


async def test_r22_a_plan_that_lapses_is_shown_and_one_that_is_accepted_again_too(office: Office) -> None:
    studio = office.studio
    connection = await studio.connected()
    shown: list[str] = []
    for plan in ("basic", "teams"):
        await studio.admin.change("organizations", uri=studio.organization, plan=plan)
        await watch(office.deps, await office.row(connection))
        shown.append(await office.state(connection))
    assert shown == ["plan_refused", "connected"]


async def test_a_disabled_subscription_is_replaced_and_the_new_one_delivers(office: Office) -> None:
    # given
    studio = office.studio
    connection = await studio.connected()
    (old,) = await studio.subscriptions()
    await studio.admin.order("subscription_states", uri=old["uri"], state="disabled")
    # when
    found = await watch(office.deps, await office.row(connection))
    # then
    (new,) = await studio.subscriptions()
    assert (found, new["callback_url"]) == (True, f"{old['callback_url']}?n=2")
    (booked,) = await studio.admin.book(await studio.event_type("Intro call"), LENA)
    await studio.delivered(connection, booked.invitee)
    assert await watch(office.deps, await office.row(connection)) is False


async def test_a_replacement_whose_answers_were_lost_goes_on_and_leaves_one_subscription(office: Office) -> None:
    # given that Calendly goes away in the middle
    studio = office.studio
    connection = await studio.connected()
    row = await office.row(connection)
    old_key = office.deps.vault.open(row.signing_keys[0], owner=row.id)
    await studio.admin.order("outage", calls=1, path="/webhook_subscriptions", cut="after")
    # when
    await replace_subscription(office.deps, row.id)
    # then both keys are good for a while
    now = await office.row(connection)
    keys = [office.deps.vault.open(one, owner=row.id) for one in now.signing_keys]
    assert (len(keys), keys[1], now.replacing, now.retired_subscriptions) == (2, old_key, False, [])
    assert [one["uri"] for one in await studio.subscriptions()] == [now.subscription_uri]
