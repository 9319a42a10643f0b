"""OAuth: authorize, token, refresh, introspect, revoke."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from devstack.calendly.admin_client import OAuthApp
from tests.integration.calendly_standin.receiver import EVENTS, Receiver, Studio

BACK = "http://localhost:8000/oauth/callback"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-long"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPES = "event_types:read organizations:read scheduled_events:read users:read webhooks:write"
INVALID_GRANT = "invalid_grant"


@pytest.fixture
async def app(studio: Studio) -> OAuthApp:
    """A web app, with the owner signed in at Calendly."""
    await studio.admin.sign_in(studio.owner.uri)
    return await studio.admin.oauth_app(BACK)


async def authorize(studio: Studio, app: OAuthApp, **changed: Any) -> dict[str, str]:
    """Ask for a code; return what comes back in the redirect."""
    query = {
        "client_id": app.client_id,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": SCOPES,
        "state": "of-the-user",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changed,
    }
    answer = await studio.http.get("/oauth/authorize", params=query)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (302, BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def redeem(studio: Studio, app: OAuthApp, code: str, **changed: Any) -> httpx2.Response:
    """Redeem a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return await studio.http.post(
        "/oauth/token", data={**form, **changed}, auth=(app.client_id, app.client_secret or "")
    )


async def refresh(studio: Studio, app: OAuthApp, token: str) -> httpx2.Response:
    """Redeem a refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return await studio.http.post("/oauth/token", data=form, auth=(app.client_id, app.client_secret or ""))


async def connected(studio: Studio, app: OAuthApp) -> dict[str, Any]:
    """Return tokens."""
    answer = await redeem(studio, app, (await authorize(studio, app))["code"])
    assert answer.status_code == 200
    return answer.json()


async def test_a_code_is_worth_tokens_that_say_whose_they_are(studio: Studio, app: OAuthApp) -> None:
    # when
    back = await authorize(studio, app)
    answer = await redeem(studio, app, back["code"])
    # then
    told = answer.json()
    assert (back["state"], answer.headers["cache-control"]) == ("of-the-user", "no-store")
    assert sorted(told) == [
        "access_token",
        "created_at",
        "expires_in",
        "organization",
        "owner",
        "refresh_token",
        "scope",
        "token_type",
    ]
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 7200, SCOPES)
    assert (told["owner"], told["organization"]) == (studio.owner.uri, studio.organization)
    me = await studio.get("/users/me", told["access_token"])
    assert me.json()["resource"]["uri"] == studio.owner.uri


async def test_a_code_works_once(studio: Studio, app: OAuthApp) -> None:
    code = (await authorize(studio, app))["code"]
    answers = [await redeem(studio, app, code) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 400]
    assert answers[1].json()["error"] == INVALID_GRANT


@pytest.mark.parametrize("wrong", [{"code_verifier": "another"}, {"redirect_uri": f"{BACK}/x"}, {"code": "made-up"}])
async def test_a_code_needs_its_verifier_and_its_redirect(studio: Studio, app: OAuthApp, wrong: dict[str, str]) -> None:
    code = (await authorize(studio, app))["code"]
    answer = await redeem(studio, app, **{"code": code, **wrong})
    assert (answer.status_code, answer.json()["error"]) == (400, INVALID_GRANT)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "users:read everything"}, "invalid_scope"),
    ],
)
async def test_authorize_sends_back_what_is_wrong(
    studio: Studio, app: OAuthApp, changed: dict[str, str], error: str
) -> None:
    assert await authorize(studio, app, **changed) == {"error": error, "state": "of-the-user"}


async def test_a_user_who_refuses_is_sent_back_with_the_refusal(studio: Studio, app: OAuthApp) -> None:
    await studio.admin.sign_in(None)
    assert await authorize(studio, app) == {"error": "access_denied", "state": "of-the-user"}


async def test_an_unknown_redirect_is_never_followed(studio: Studio, app: OAuthApp) -> None:
    query = {"client_id": app.client_id, "redirect_uri": "http://localhost:8000/elsewhere"}
    answer = await studio.http.get("/oauth/authorize", params=query)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_refresh_token_works_once(studio: Studio, app: OAuthApp) -> None:
    # given
    first = await connected(studio, app)
    # when
    second = await refresh(studio, app, first["refresh_token"])
    reused = await refresh(studio, app, first["refresh_token"])
    third = await refresh(studio, app, second.json()["refresh_token"])
    # then
    assert [one.status_code for one in (second, reused, third)] == [200, 400, 200]
    assert reused.json()["error"] == INVALID_GRANT
    pairs = [first, second.json(), third.json()]
    assert len({one["access_token"] for one in pairs} | {one["refresh_token"] for one in pairs}) == 6


async def test_an_answer_that_is_lost_costs_the_refresh_token(studio: Studio, app: OAuthApp) -> None:
    # given
    first = await connected(studio, app)
    await studio.admin.order("outage", calls=1, path="/oauth/token", cut="after")
    # when
    with pytest.raises(httpx2.TransportError):
        await refresh(studio, app, first["refresh_token"])
    # then
    again = await refresh(studio, app, first["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, INVALID_GRANT)


async def test_a_web_app_needs_its_secret(studio: Studio, app: OAuthApp) -> None:
    # given
    form = {"grant_type": "refresh_token", "refresh_token": (await connected(studio, app))["refresh_token"]}
    # when
    answers = [
        await studio.http.post("/oauth/token", data=form, auth=(app.client_id, "wrong")),
        await studio.http.post("/oauth/token", data={**form, "client_id": app.client_id}),
    ]
    # then
    assert [(one.status_code, one.json()["error"]) for one in answers] == [(401, "invalid_client")] * 2


async def test_a_native_app_gives_its_name_in_the_body(studio: Studio, app: OAuthApp) -> None:
    # given
    native = await studio.admin.oauth_app(BACK, native=True)
    code = (await authorize(studio, native))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    # when
    answer = await studio.http.post("/oauth/token", data={**form, "client_id": native.client_id})
    # then
    assert (native.client_secret, answer.status_code) == (None, 200)


async def test_another_app_cannot_use_the_refresh_token(studio: Studio, app: OAuthApp) -> None:
    token = (await connected(studio, app))["refresh_token"]
    other = await studio.admin.oauth_app(BACK)
    assert (await refresh(studio, other, token)).json()["error"] == INVALID_GRANT
    assert (await refresh(studio, app, token)).status_code == 200


async def test_eight_tokens_a_minute_and_no_more(studio: Studio, app: OAuthApp) -> None:
    token, statuses = (await connected(studio, app))["refresh_token"], list[int]()
    for _ in range(8):
        answer = await refresh(studio, app, token)
        statuses.append(answer.status_code)
        token = answer.json().get("refresh_token", token)
    assert statuses == [200] * 7 + [429]


async def test_introspect_tells_good_tokens_from_revoked_ones(studio: Studio, app: OAuthApp) -> None:
    # given
    pair = await connected(studio, app)
    form = {"client_id": app.client_id, "client_secret": app.client_secret, "token": pair["access_token"]}
    # when
    before = await studio.http.post("/oauth/introspect", data=form)
    revoked = await studio.http.post("/oauth/revoke", data=form)
    after = await studio.http.post("/oauth/introspect", data=form)
    # then
    expected = {"active": True, "scope": SCOPES, "client_id": app.client_id, "token_type": "Bearer"}
    assert (before.json(), revoked.status_code, after.json()) == (expected, 200, {"active": False})
    answer = await studio.get("/users/me", pair["access_token"])
    assert (answer.status_code, answer.json()["message"]) == (401, "The access token was revoked")
    assert (await refresh(studio, app, pair["refresh_token"])).json()["error"] == INVALID_GRANT


async def test_expired_access_tokens_can_be_refreshed(studio: Studio, app: OAuthApp) -> None:
    # given
    pair = await connected(studio, app)
    await studio.admin.order("token_faults", user=studio.owner.uri, fault="The access token expired")
    assert (await studio.get("/users/me", pair["access_token"])).json()["message"] == "The access token expired"
    # when
    new = (await refresh(studio, app, pair["refresh_token"])).json()
    # then
    assert (await studio.get("/users/me", new["access_token"])).status_code == 200


async def test_a_user_can_take_the_whole_grant_back(studio: Studio, app: OAuthApp) -> None:
    pair = await connected(studio, app)
    fault = "The access token was revoked"
    await studio.admin.order("token_faults", user=studio.owner.uri, fault=fault, refresh_too=True)
    assert (await refresh(studio, app, pair["refresh_token"])).json()["error"] == INVALID_GRANT


async def test_hooks_of_an_app_are_signed_with_the_apps_key(studio: Studio, app: OAuthApp, receiver: Receiver) -> None:
    # given
    token = (await connected(studio, app))["access_token"]
    body = {"url": receiver.url, "events": EVENTS, "organization": studio.organization, "scope": "organization"}
    made = await studio.http.post(
        "/webhook_subscriptions",
        json={**body, "signing_key": "not-used"},
        headers={"Authorization": f"Bearer {token}"},
    )
    # when
    await studio.admin.book(studio.calendar, count=1)
    # then
    [got] = await receiver.until(1)
    stamp, _, signed = (got.signature or "").removeprefix("t=").partition(",v1=")
    message = stamp.encode() + b"." + got.body
    assert made.status_code == 201
    assert signed == hmac.new(app.webhook_signing_key.encode(), message, hashlib.sha256).hexdigest()
