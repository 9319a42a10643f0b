"""Connecting by OAuth: authorization code, PKCE, and a state that is used once (R20, R21, R22)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
from fastapi import FastAPI

from services.ingest.calendly.oauth import CALLBACK
from services.ingest.connections import oauth_api
from services.ingest.connections.authorize import take
from services.runtime import problems
from tests.integration.ingest.connections.conftest import Studio
from tests.integration.ingest.connections.office import LENA, Office, office, open_office
from tests.support.calendly import StandIn

__all__ = ["office"]


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


async def test_an_app_that_calendly_refuses_is_said_to_be_set_up_wrongly(office: Office) -> None:
    async with callback_app(office) as http:
        # Given that Calendly sends the user back because of the app, not of the user
        back = {"state": (await office.allowed())["state"], "error": "invalid_scope"}
        answer = await http.get(CALLBACK, params=back)
    # Then it is said whose matter it is
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/oauth-refused")
    assert answer.json()["detail"] == (
        "Calendly refused to ask the user. Check the OAuth app's scopes and redirect URI, then connect again."
    )


async def test_a_way_back_that_is_older_than_ten_minutes_is_refused(office: Office) -> None:
    async with callback_app(office) as http:
        # Given that somebody was sent to Calendly eleven minutes ago
        back = await office.allowed(at=datetime.now(UTC) - timedelta(minutes=11))
        # When they come back
        answer = await http.get(CALLBACK, params=back)
        # Then they are told to begin again, and nobody is connected
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/oauth-state-unknown")
        assert answer.json()["detail"] == (
            "This way back from Calendly was used already, is older than 10 minutes, or is not ours. Connect again."
        )
    assert (await office.studio.call("GET")).json() == {"items": []}


async def test_a_code_that_calendly_does_not_accept_is_refused_and_the_state_is_used_up(office: Office) -> None:
    async with callback_app(office) as http:
        # Given a way back whose code somebody changed
        back = {**await office.allowed(), "code": "made-up"}
        # When it is followed, twice
        answers = [await http.get(CALLBACK, params=back) for _ in range(2)]
    # Then it is refused, and the state cannot be used for more attempts
    assert [one.json()["type"] for one in answers] == ["/problems/oauth-code-refused", "/problems/oauth-state-unknown"]
    assert answers[0].json()["detail"] == "Calendly does not accept what the user came back with. Connect again."


async def test_scopes_that_the_app_lacks_are_named_as_the_apps(studio: Studio, stand_in: StandIn) -> None:
    # Given an app that Calendly gives no access to webhooks
    few = ["users:read", "organizations:read", "event_types:read", "scheduled_events:read"]
    async with open_office(studio, stand_in, scopes=few) as office, callback_app(office) as http:
        # When a user allows access
        answer = await http.get(CALLBACK, params=await office.allowed(asking=False))
    # Then what is missing is named, as something to change at the app
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/scopes-missing")
    assert answer.json()["detail"] == (
        "Calendly gave the OAuth app no access to: webhooks:write. "
        "Add it to the app's scopes there, then connect again."
    )
    assert await studio.subscriptions() == []


async def test_r21_of_those_who_connect_one_account_by_oauth_and_by_token_at_once_one_wins(office: Office) -> None:
    # Given two who come back from Calendly, and one with a token, in three subaccounts
    studio = office.studio
    backs = [await office.allowed(subaccount=uuid4()) for _ in range(2)]
    body = {"user_id": str(uuid4()), "personal_access_token": studio.account.token}
    async with callback_app(office) as http:
        # When all connect at the same moment
        answers = await asyncio.gather(
            *(http.get(CALLBACK, params=back) for back in backs),
            studio.ingest.call("POST", "/connections", body, subaccount=uuid4()),
        )
    # Then one wins, the others are refused without naming it, and there is one subscription
    assert sorted(one.status_code for one in answers) == [201, 409, 409]
    assert {one.json()["type"] for one in answers if one.status_code == 409} == {"/problems/account-linked-elsewhere"}
    assert len(await studio.subscriptions()) == 1


async def test_r20_of_two_accounts_that_one_user_connects_by_oauth_and_by_token_at_once_one_wins(
    office: Office,
) -> None:
    # Given a user who comes back from Calendly, and has a token of another account
    studio = office.studio
    other = await studio.admin.user(studio.organization, "Other Account")
    back = await office.allowed()
    async with callback_app(office) as http:
        # When both are connected at the same moment
        answers = await asyncio.gather(http.get(CALLBACK, params=back), studio.connect(account=other))
    # Then one wins, and the other account stays without a subscription
    assert sorted(one.status_code for one in answers) == [201, 409]
    assert {one.json()["type"] for one in answers if one.status_code == 409} == {"/problems/user-has-account"}
    assert len(await studio.subscriptions()) + len(await studio.subscriptions(other)) == 1
