"""Tokens, scopes, rate limits and outages."""

import httpx2
import pytest

from devstack.calendly.admin_client import EXPIRED, REVOKED
from tests.integration.calendly_standin.receiver import Studio

ALL = ["users:read", "organizations:read", "event_types:read", "scheduled_events:read", "webhooks:read"]
UNAUTHENTICATED = "Unauthenticated"


async def test_without_a_good_token_nothing_is_told(studio: Studio) -> None:
    answers = [
        await studio.http.get("/users/me"),
        await studio.http.get("/users/me", headers={"Authorization": f"Basic {studio.owner.token}"}),
        await studio.get("/users/me", "made-up"),
    ]
    assert [(one.status_code, one.json()) for one in answers] == [
        (401, {"title": UNAUTHENTICATED, "message": "The access token is invalid"})
    ] * 3


@pytest.mark.parametrize("fault", [EXPIRED, REVOKED])
async def test_a_spoiled_token_is_refused_with_the_reason(studio: Studio, fault: str) -> None:
    await studio.admin.order("token_faults", token=studio.owner.token, fault=fault)
    answer = await studio.get("/users/me")
    assert (answer.status_code, answer.json()) == (401, {"title": UNAUTHENTICATED, "message": fault})
    assert (await studio.get("/users/me", studio.member.token)).status_code == 200


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/users/me", "users:read"),
        ("{organization}", "organizations:read"),
        ("/organization_memberships?user={user}", "organizations:read"),
        ("/event_types?user={user}", "event_types:read"),
        ("{calendar}", "event_types:read"),
        ("/event_type_memberships?event_type={calendar}", "event_types:read"),
        ("/scheduled_events?user={user}", "scheduled_events:read"),
        ("/webhook_subscriptions?organization={organization}&user={user}&scope=user", "webhooks:read"),
    ],
)
async def test_each_route_needs_its_scope(studio: Studio, path: str, scope: str) -> None:
    # given
    filled = path.format(organization=studio.organization, user=studio.owner.uri, calendar=studio.calendar)
    without = await studio.admin.token(studio.owner.uri, scopes=[one for one in ALL if one != scope])
    only = await studio.admin.token(studio.owner.uri, scopes=[scope])
    # when
    address = filled.removeprefix("https://api.calendly.com")
    refused, let_in = [
        await studio.http.get(address, headers={"Authorization": f"Bearer {token}"}) for token in (without, only)
    ]
    # then
    assert (refused.status_code, refused.json()) == (
        403,
        {
            "title": "Permission Denied",
            "message": "This request requires the scopes listed in the 'required_scopes' array.",
            "required_scopes": [scope],
        },
    )
    assert let_in.status_code == 200


@pytest.mark.parametrize(("plan", "limit"), [("teams", "500"), ("basic", "50")])
async def test_every_answer_tells_the_rate_limit_of_the_plan(studio: Studio, plan: str, limit: str) -> None:
    # given
    await studio.admin.change("organizations", uri=studio.organization, plan=plan)
    # when
    answers = [await studio.get("/users/me"), await studio.get("/users/none"), await studio.get("/event_types")]
    # then
    assert [one.status_code for one in answers] == [200, 404, 400]
    told = [(one.headers["X-RateLimit-Limit"], one.headers["X-RateLimit-Remaining"]) for one in answers]
    assert told == [(limit, str(int(limit) - used)) for used in (1, 2, 3)]
    assert {1 <= int(one.headers["X-RateLimit-Reset"]) <= 60 for one in answers} == {True}


async def test_the_rate_limit_holds_for_all_tokens_of_a_user(studio: Studio) -> None:
    # given
    await studio.admin.order("limits", per_minute=2)
    second = await studio.admin.token(studio.owner.uri)
    # when
    answers = [await studio.get("/users/me", token) for token in (None, second, None, studio.member.token)]
    # then
    assert [one.status_code for one in answers] == [200, 200, 429, 200]
    assert answers[2].headers["X-RateLimit-Remaining"] == "0"


async def test_an_outage_lasts_for_the_calls_that_were_ordered(studio: Studio) -> None:
    await studio.admin.order("outage", calls=2, status=503)
    assert [(await studio.get("/users/me")).status_code for _ in range(3)] == [503, 503, 200]


async def test_an_outage_lasts_until_it_is_lifted(studio: Studio) -> None:
    await studio.admin.order("outage", calls=None, status=500, path="/event_types")
    answers = [(await studio.get("/event_types", user=studio.owner.uri)).status_code for _ in range(3)]
    spared = (await studio.get("/users/me")).status_code
    await studio.admin.order("outage", calls=0)
    lifted = (await studio.get("/event_types", user=studio.owner.uri)).status_code
    assert (answers, spared, lifted) == ([500, 500, 500], 200, 200)


async def test_a_broken_connection_leaves_the_call_undone(studio: Studio) -> None:
    await studio.admin.order("outage", calls=1, cut="before")
    with pytest.raises(httpx2.TransportError):
        await studio.subscribe("http://127.0.0.1:9/hook")
    assert await studio.admin.subscriptions() == []


async def test_an_answer_can_be_lost_when_the_call_is_done(studio: Studio) -> None:
    await studio.admin.order("outage", calls=1, cut="after")
    with pytest.raises(httpx2.TransportError):
        await studio.subscribe("http://127.0.0.1:9/hook")
    assert [one["callback_url"] for one in await studio.admin.subscriptions()] == ["http://127.0.0.1:9/hook"]
