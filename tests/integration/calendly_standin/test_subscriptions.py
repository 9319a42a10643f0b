"""Webhook subscriptions: made, listed, read, removed, and what is refused."""

from typing import Any

import pytest

from devstack.calendly.admin_client import CalendlyAdmin
from tests.integration.calendly_standin.receiver import EVENTS, Studio

HOOK = "http://127.0.0.1:9/hooks/calendly/made-up"
INVALID = {"title": "Invalid Argument", "message": "The supplied parameters are invalid."}
NO_PERMISSION = {"title": "Permission Denied", "message": "You do not have permission to access this resource."}


async def test_a_subscription_is_told_without_its_signing_key(studio: Studio) -> None:
    answer = await studio.subscribe(HOOK)
    made = answer.json()["resource"]
    assert answer.status_code == 201
    assert {name: value for name, value in made.items() if name not in {"uri", "created_at", "updated_at"}} == {
        "callback_url": HOOK,
        "retry_started_at": None,
        "state": "active",
        "events": EVENTS,
        "scope": "user",
        "organization": studio.organization,
        "user": studio.owner.uri,
        "group": None,
        "creator": studio.owner.uri,
    }
    assert (await studio.get(made["uri"])).json() == {"resource": made}


async def test_the_same_url_is_refused(studio: Studio) -> None:
    await studio.subscribe(HOOK)
    again = await studio.subscribe(HOOK, scope="organization", user=None)
    assert (again.status_code, again.json()) == (
        409,
        {"title": "Already Exists", "message": "Hook with this url already exists"},
    )
    assert len(await studio.admin.subscriptions()) == 1


async def test_without_the_read_scope_the_parameters_are_called_invalid(studio: Studio) -> None:
    # given
    poor = await studio.admin.token(studio.owner.uri, scopes=["webhooks:write"])
    body = {"url": HOOK, "events": EVENTS, "organization": studio.organization, "scope": "organization"}
    # when
    answer = await studio.http.post("/webhook_subscriptions", json=body, headers={"Authorization": f"Bearer {poor}"})
    # then
    told = answer.json()
    assert (answer.status_code, {name: told[name] for name in INVALID}) == (400, INVALID)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": None},
        {"url": "no address"},
        {"events": None},
        {"events": []},
        {"events": ["invitee.moved"]},
        {"events": ["invitee.created", "invitee.created"]},
        {"organization": None},
        {"scope": None},
        {"scope": "everybody"},
        {"user": None},
        {"scope": "group"},
    ],
)
async def test_a_body_that_is_not_as_documented_is_refused(studio: Studio, wrong: dict[str, Any]) -> None:
    answer = await studio.subscribe(**{"url": HOOK, **wrong})
    told = answer.json()
    assert (answer.status_code, {name: told[name] for name in INVALID}) == (400, INVALID)
    assert await studio.admin.subscriptions() == []


@pytest.mark.parametrize("wrong", ["organization scope as a member", "another's user", "another organization"])
async def test_what_the_caller_may_not_is_refused(studio: Studio, wrong: str) -> None:
    # given
    asked: dict[str, dict[str, Any]] = {
        "organization scope as a member": {"account": studio.member, "scope": "organization", "user": None},
        "another's user": {"user": studio.member.uri},
        "another organization": {"organization": await studio.admin.organization()},
    }
    # when
    answer = await studio.subscribe(HOOK, **asked[wrong])
    # then
    assert (answer.status_code, answer.json()) == (403, NO_PERMISSION)


async def test_subscriptions_are_listed_by_scope(studio: Studio) -> None:
    # given
    await studio.subscribe(f"{HOOK}/1")
    await studio.subscribe(f"{HOOK}/2", studio.member)
    await studio.subscribe(f"{HOOK}/3", scope="organization", user=None)
    where: dict[str, Any] = {"organization": studio.organization}
    # when
    mine = (await studio.get("/webhook_subscriptions", **where, scope="user", user=studio.owner.uri)).json()
    everyones = (await studio.get("/webhook_subscriptions", **where, scope="organization")).json()
    # then
    assert [one["callback_url"] for one in mine["collection"]] == [f"{HOOK}/1"]
    assert [one["callback_url"] for one in everyones["collection"]] == [f"{HOOK}/3"]


@pytest.mark.parametrize("left_out", ["organization", "scope", "user"])
async def test_a_list_needs_its_parameters(studio: Studio, left_out: str) -> None:
    query = {"organization": studio.organization, "scope": "user", "user": studio.owner.uri}
    answer = await studio.get("/webhook_subscriptions", **{k: v for k, v in query.items() if k != left_out})
    told = answer.json()
    assert (answer.status_code, told["title"], told["details"][0]["parameter"]) == (400, "Invalid Argument", left_out)


async def test_a_removed_subscription_is_gone(studio: Studio) -> None:
    # given
    made = (await studio.subscribe(HOOK)).json()["resource"]["uri"]
    headers = {"Authorization": f"Bearer {studio.owner.token}"}
    path = made.removeprefix("https://api.calendly.com")
    # when
    answers = [await studio.http.delete(path, headers=headers) for _ in range(2)]
    # then
    assert [one.status_code for one in answers] == [204, 404]
    assert (await studio.get(made)).status_code == 404
    assert (await studio.subscribe(HOOK)).status_code == 201


async def test_a_member_does_not_touch_anothers_subscription(studio: Studio) -> None:
    made = (await studio.subscribe(HOOK)).json()["resource"]["uri"]
    answer = await studio.get(made, studio.member.token)
    assert (answer.status_code, answer.json()) == (403, NO_PERMISSION)


async def test_a_disabled_subscription_says_so_and_cannot_be_enabled_by_the_api(studio: Studio) -> None:
    # given
    made = (await studio.subscribe(HOOK)).json()["resource"]["uri"]
    # when
    await studio.admin.order("subscription_states", uri=made, state="disabled")
    # then
    assert (await studio.get(made)).json()["resource"]["state"] == "disabled"
    headers = {"Authorization": f"Bearer {studio.owner.token}"}
    change = await studio.http.patch(made.removeprefix("https://api.calendly.com"), json={}, headers=headers)
    assert change.status_code == 405


async def test_reset_forgets_everything(studio: Studio, admin: CalendlyAdmin) -> None:
    await studio.subscribe(HOOK)
    await admin.book(studio.calendar, count=3)
    await admin.reset()
    assert set((await admin.state()).values()) == {0}
