"""Connecting an account over HTTP (R20, R21, R22), with real PostgreSQL and a Calendly stand-in."""

import asyncio
from uuid import UUID, uuid4

import httpx2
import pytest

from devstack.calendly.admin_client import Account
from tests.integration.ingest.connections.conftest import Studio


def refused(answer: httpx2.Response, status: int, slug: str) -> str:
    """Check the form of a refusal; return its detail."""
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (answer.status_code, told["status"], told["type"]) == (status, status, f"/problems/{slug}")
    return told["detail"]


async def test_connecting_makes_a_connection_with_the_accounts_calendars(studio: Studio) -> None:
    # given
    personal = await studio.event_type("Intro call")
    shared = await studio.event_type("Team call", owner=None, pooling_type="round_robin")
    # when
    answer = await studio.connect()
    # then
    made = answer.json()
    nothing_yet = {"selected": False, "selected_at": None, "removal": None}
    assert answer.status_code == 201
    assert made == {
        "id": made["id"],
        "user_id": str(studio.user_id),
        "calendly_user_uri": studio.account.uri,
        "plan": "teams",
        "state": "connected",
        "calendars": [
            {"uri": personal, "name": "Intro call", "kind": "personal", **nothing_yet},
            {"uri": shared, "name": "Team call", "kind": "shared", **nothing_yet},
        ],
    }
    assert answer.headers["location"] == f"/v1/subaccounts/{studio.subaccount}/connections/{made['id']}"
    assert (await studio.call("GET", f"/{made['id']}")).json() == made
    del made["calendars"]
    assert (await studio.call("GET")).json() == {"items": [made]}
    assert await studio.recorded(made["id"]) == ["CalendlyConnected"]


async def test_connecting_subscribes_to_the_users_own_bookings_at_the_connections_address(studio: Studio) -> None:
    connection = await studio.connected()
    (subscription,) = await studio.subscriptions()
    assert subscription["callback_url"] == str(studio.ingest.http.base_url.join(f"/webhooks/calendly/{connection}"))
    assert (subscription["scope"], subscription["events"]) == ("user", ["invitee.created", "invitee.canceled"])


async def test_a_booking_is_delivered_and_its_signature_accepted(studio: Studio) -> None:
    # given
    connection = await studio.connected()
    calendar = await studio.event_type("Intro call")
    # when
    (booked,) = await studio.admin.book(calendar, ("Lena Vogt", "lena@mail.example"))
    # then
    await studio.delivered(connection, booked.invitee)


async def test_tokens_and_keys_are_stored_encrypted(studio: Studio) -> None:
    connection = await studio.connected()
    row = await studio.ingest.pool.fetchrow(
        "SELECT token, signing_keys FROM ingest.connections WHERE id = $1", UUID(connection)
    )
    assert row is not None
    assert studio.account.token.encode() not in row["token"]
    assert [len(key) for key in row["signing_keys"]] == [4 + 12 + 43 + 16]


async def test_r20_a_user_who_has_an_account_connected_is_refused(studio: Studio) -> None:
    # given
    await studio.connected()
    other = await studio.admin.user(studio.organization, "Tomas Berg")
    # when
    answer = await studio.connect(account=other)
    # then
    assert refused(answer, 409, "user-has-account") == (
        "This user already has a Calendly account connected in this subaccount. "
        "Disconnect it first, then connect the other one."
    )
    assert await studio.subscriptions(other) == []


async def test_r20_the_same_user_may_connect_another_account_in_another_subaccount(studio: Studio) -> None:
    await studio.connected()
    other = await studio.admin.user(studio.organization, "Tomas Berg")
    studio.subaccount = uuid4()
    await studio.connected(account=other)


async def test_r21_an_account_that_is_linked_elsewhere_is_refused_without_naming_where(studio: Studio) -> None:
    # given
    elsewhere, who = studio.subaccount, studio.user_id
    connection = await studio.connected()
    # when another subaccount's user connects it
    studio.subaccount = uuid4()
    answer = await studio.connect(user_id=uuid4())
    # then
    assert refused(answer, 409, "account-linked-elsewhere") == (
        "This Calendly account is already linked elsewhere. It can belong to one user of one subaccount only: "
        "disconnect it there first, or connect another account."
    )
    assert [word for word in (str(elsewhere), str(who), connection) if word in answer.text] == []
    assert len(await studio.subscriptions()) == 1


@pytest.mark.parametrize("plan", ["basic", "essentials", "galaxy"])
async def test_r22_a_plan_that_is_not_supported_is_named(studio: Studio, plan: str) -> None:
    await studio.admin.change("organizations", uri=studio.organization, plan=plan)
    assert refused(await studio.connect(), 422, "plan-refused") == (
        f"Calendly's plan '{plan}' is not supported. "
        "Upgrade the account to Standard, Teams or Enterprise, then connect again."
    )
    assert await studio.subscriptions() == []


async def test_a_token_that_calendly_does_not_know_is_refused(studio: Studio) -> None:
    answer = await studio.connect(account=Account(uri="", token="made-up"))
    assert refused(answer, 422, "token-refused-by-calendly") == (
        "Calendly does not accept this token. Make a new personal access token there and connect with it."
    )


@pytest.mark.parametrize(
    "missing", ["users:read", "organizations:read", "event_types:read", "scheduled_events:read", "webhooks:write"]
)
async def test_a_missing_scope_is_named_and_nothing_stays_behind(studio: Studio, missing: str) -> None:
    needed = "users:read organizations:read event_types:read scheduled_events:read webhooks:write"
    scopes = [scope for scope in needed.split() if scope != missing]
    poor = await studio.admin.user(studio.organization, "Poor Token", scopes=scopes)
    answer = await studio.connect(account=poor)
    assert refused(answer, 422, "scopes-missing") == (
        f"The token lacks scopes: {missing}. Make a new one in Calendly with: {needed}."
    )
    assert answer.json()["scopes"] == [missing]
    assert await studio.subscriptions(poor) == []
    assert (await studio.call("GET")).json() == {"items": []}


async def test_while_calendly_refuses_for_its_rate_limit_the_answer_says_when_to_try_again(studio: Studio) -> None:
    await studio.admin.order("limits", per_minute=1)
    try:
        answer = await studio.connect()
    finally:
        await studio.admin.order("limits", per_minute=None)
    assert refused(answer, 503, "calendly-unavailable") == (
        "Calendly does not answer as it should. Nothing was changed; try again later."
    )
    assert 50 < int(answer.headers["retry-after"]) <= 60


async def test_a_subscription_whose_answer_was_lost_is_replaced_and_works(studio: Studio) -> None:
    # given that Calendly makes the subscription but its answer never arrives
    await studio.admin.order("outage", calls=1, path="/webhook_subscriptions", cut="after")
    # when
    connection = await studio.connected()
    # then one is there, and its deliveries are accepted
    assert len(await studio.subscriptions()) == 1
    (booked,) = await studio.admin.book(await studio.event_type("Intro call"), ("Lena Vogt", "lena@mail.example"))
    await studio.delivered(connection, booked.invitee)


async def test_r21_of_two_that_connect_one_account_at_the_same_moment_one_wins(studio: Studio) -> None:
    # given two subaccounts
    body = {"user_id": str(uuid4()), "personal_access_token": studio.account.token}
    # when
    answers = await asyncio.gather(
        *(studio.ingest.call("POST", "/connections", body, subaccount=uuid4()) for _ in range(4))
    )
    # then
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json().get("type") for answer in answers} == {None, "/problems/account-linked-elsewhere"}
    # and only the winner is subscribed
    winner = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    assert [one["callback_url"].rpartition("/")[2] for one in await studio.subscriptions()] == [winner]


async def test_r20_of_two_accounts_that_one_user_connects_at_the_same_moment_one_wins(studio: Studio) -> None:
    accounts = [await studio.admin.user(studio.organization, f"User {number}") for number in range(3)]
    answers = await asyncio.gather(*(studio.connect(account=one) for one in accounts))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert {answer.json().get("type") for answer in answers} == {None, "/problems/user-has-account"}
    assert sum([len(await studio.subscriptions(one)) for one in accounts]) == 1


@pytest.mark.parametrize(
    "change",
    [{"personal_access_token": "two words"}, {"personal_access_token": ""}, {"user_id": "nobody"}, {"more": 1}],
)
async def test_a_malformed_request_is_refused_without_repeating_the_token(
    studio: Studio, change: dict[str, object]
) -> None:
    body = {"user_id": str(studio.user_id), "personal_access_token": "pat-123", **change}
    answer = await studio.call("POST", "", body)
    refused(answer, 422, "invalid-request")
    assert not any(word in answer.text for word in ("pat-123", "two words"))
