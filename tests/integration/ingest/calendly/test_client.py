"""The client against a Calendly stand-in, over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from devstack.calendly.admin_client import Account, CalendlyAdmin
from services.ingest.calendly.client import EVENTS, Calendly, open_calendly
from services.ingest.calendly.errors import AlreadyExists, NotFound, ScopesMissing, TokenRefused, Unavailable
from services.ingest.calendly.models import User
from tests.support.calendly import StandIn, calendly_stand_in

HOOK = "https://sync.example.com/webhooks/calendly"
KEY = "a signing key"


@pytest.fixture(scope="module")
async def stand_in() -> AsyncIterator[StandIn]:
    async with calendly_stand_in() as running:
        yield running


@pytest.fixture
def admin(stand_in: StandIn) -> CalendlyAdmin:
    return stand_in.admin


@pytest.fixture
async def organization(admin: CalendlyAdmin) -> str:
    return await admin.organization(plan="teams")


@pytest.fixture
async def ingrid(admin: CalendlyAdmin, organization: str) -> Account:
    return await admin.user(organization, "Ingrid Dahl")


@asynccontextmanager
async def client(stand_in: StandIn, token: str, *, patience: float = 5.0) -> AsyncIterator[Calendly]:
    async with open_calendly(stand_in.url, patience=patience) as calendly:
        yield calendly(token)


@pytest.fixture
async def calendly(stand_in: StandIn, ingrid: Account) -> AsyncIterator[Calendly]:
    async with client(stand_in, ingrid.token) as one:
        yield one


async def test_a_token_tells_its_user_and_the_organizations_plan(
    calendly: Calendly, ingrid: Account, organization: str
) -> None:
    user = await calendly.me()
    assert user == User(uri=ingrid.uri, current_organization=organization)
    assert (await calendly.organization(user.current_organization)).plan == "teams"


async def test_event_types_are_read_over_all_pages(
    calendly: Calendly, admin: CalendlyAdmin, ingrid: Account, organization: str
) -> None:
    # given more than fit a page
    made = [
        await admin.event_type(organization, f"Call {number:03}", hosts=[ingrid], owner=ingrid.uri)
        for number in range(103)
    ]
    # when
    read = await calendly.event_types(await calendly.me())
    # then
    assert [one.uri for one in read] == made


async def test_a_team_event_type_of_the_users_is_read_and_shared(
    calendly: Calendly, admin: CalendlyAdmin, ingrid: Account, organization: str
) -> None:
    uri = await admin.event_type(organization, "Team call", hosts=[ingrid], pooling_type="round_robin")
    assert [(one.uri, one.shared) for one in await calendly.event_types(await calendly.me())] == [(uri, True)]


async def test_a_subscription_is_made_listed_and_removed(calendly: Calendly, admin: CalendlyAdmin) -> None:
    user = await calendly.me()
    # when made
    made = await calendly.subscribe(user, url=f"{HOOK}/1", signing_key=KEY)
    # then it is there, for the user's own bookings
    shown = next(one for one in await admin.subscriptions() if one["uri"] == made.uri)
    assert {name: shown[name] for name in ("callback_url", "events", "scope", "user", "state")} == {
        "callback_url": f"{HOOK}/1",
        "events": list(EVENTS),
        "scope": "user",
        "user": user.uri,
        "state": "active",
    }
    assert await calendly.subscriptions(user) == [made]
    # when removed
    await calendly.unsubscribe(made.uri)
    # then it is gone, and a second time there is nothing to remove
    assert await calendly.subscriptions(user) == []
    with pytest.raises(NotFound):
        await calendly.unsubscribe(made.uri)


async def test_a_second_subscription_of_one_url_already_exists(calendly: Calendly) -> None:
    user = await calendly.me()
    await calendly.subscribe(user, url=f"{HOOK}/2", signing_key=KEY)
    with pytest.raises(AlreadyExists):
        await calendly.subscribe(user, url=f"{HOOK}/2", signing_key=KEY)


async def test_a_missing_scope_is_named(stand_in: StandIn, organization: str) -> None:
    poor = await stand_in.admin.user(organization, "Poor Token", scopes=["webhooks:write"])
    async with client(stand_in, poor.token) as calendly:
        with pytest.raises(ScopesMissing) as refused:
            await calendly.me()
    assert refused.value.scopes == ("users:read",)


async def test_the_scope_that_calendly_does_not_name_when_subscribing_is_named(
    stand_in: StandIn, organization: str
) -> None:
    poor = await stand_in.admin.user(organization, "Poor Token", scopes=["users:read", "webhooks:write"])
    async with client(stand_in, poor.token) as calendly:
        user = await calendly.me()
        with pytest.raises(ScopesMissing) as refused:
            await calendly.subscribe(user, url=f"{HOOK}/3", signing_key=KEY)
    assert refused.value.scopes == ("scheduled_events:read",)


async def test_a_revoked_token_is_refused_at_once(stand_in: StandIn, calendly: Calendly, ingrid: Account) -> None:
    await stand_in.admin.order("token_faults", token=ingrid.token, fault="The access token was revoked")
    with pytest.raises(TokenRefused, match=r"^GET /users/me: 401$"):
        await calendly.me()


async def test_a_short_outage_is_waited_out(stand_in: StandIn, calendly: Calendly, ingrid: Account) -> None:
    await stand_in.admin.order("outage", calls=2, status=503)
    assert (await calendly.me()).uri == ingrid.uri


async def test_a_long_outage_ends_the_patience(stand_in: StandIn, ingrid: Account) -> None:
    await stand_in.admin.order("outage", calls=None, status=500)
    try:
        async with client(stand_in, ingrid.token, patience=0.5) as calendly:
            with pytest.raises(Unavailable, match=r"^GET /users/me: 500$"):
                await calendly.me()
    finally:
        await stand_in.admin.order("outage", calls=0)


async def test_when_the_rate_limit_is_used_up_no_further_request_is_made(
    stand_in: StandIn, calendly: Calendly, ingrid: Account
) -> None:
    # given a limit of one call
    await stand_in.admin.order("limits", per_minute=1)
    try:
        await calendly.me()
        # when, then: the next call is not even tried
        with pytest.raises(Unavailable, match=r"^the rate limit is used up$") as refused:
            await calendly.me()
    finally:
        await stand_in.admin.order("limits", per_minute=None)
    assert refused.value.wait is not None
    assert 50 < refused.value.wait <= 60


async def test_all_work_with_one_token_shares_its_rate_limit(stand_in: StandIn, ingrid: Account) -> None:
    await stand_in.admin.order("limits", per_minute=1)
    try:
        async with open_calendly(stand_in.url) as calendly:
            await calendly(ingrid.token).me()
            with pytest.raises(Unavailable, match=r"^the rate limit is used up$"):
                await calendly(ingrid.token).me()
    finally:
        await stand_in.admin.order("limits", per_minute=None)
