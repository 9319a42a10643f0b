"""Reading: resources, lists, pages, and what is refused."""

from typing import Any

import pytest

from tests.integration.calendly_standin.receiver import Studio

INVALID = {"title": "Invalid Argument", "message": "The supplied parameters are invalid."}
NO_PERMISSION = {"title": "Permission Denied", "message": "You do not have permission to access this resource."}
NOT_YOURS = {"title": "Permission Denied", "message": "This user is not in your organization"}
NOT_FOUND = {"title": "Resource Not Found", "message": "The server could not find the requested resource."}
USER_FIELDS = (
    "avatar_url created_at current_organization email locale name resource_type scheduling_url slug time_notation "
    "timezone updated_at uri"
)
EVENT_TYPE_FIELDS = (
    "active admin_managed booking_method color created_at custom_questions deleted_at description_html "
    "description_plain duration duration_options internal_note kind locale locations name pooling_type position "
    "profile scheduling_url secret slug type updated_at uri"
)


def fault(body: dict[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Return title and message, and the parameters that are named."""
    named = [one["parameter"] for one in body["details"]]
    return {"title": body["title"], "message": body["message"]}, named


async def test_users_me_tells_the_caller_without_plan_or_role(studio: Studio) -> None:
    answer = await studio.get("/users/me")
    user = answer.json()["resource"]
    assert (answer.status_code, sorted(user)) == (200, USER_FIELDS.split())
    assert (user["uri"], user["current_organization"]) == (studio.owner.uri, studio.organization)


async def test_an_organization_tells_its_plan(studio: Studio) -> None:
    await studio.admin.change("organizations", uri=studio.organization, plan="enterprise", stage="trial")
    shown = (await studio.get(studio.organization)).json()["resource"]
    assert sorted(shown) == ["created_at", "name", "plan", "stage", "updated_at", "uri"]
    assert (shown["plan"], shown["stage"]) == ("enterprise", "trial")


async def test_memberships_tell_roles(studio: Studio) -> None:
    answer = await studio.get("/organization_memberships", organization=studio.organization)
    found = answer.json()["collection"]
    assert [(one["role"], one["user"]["uri"]) for one in found] == [
        ("owner", studio.owner.uri),
        ("user", studio.member.uri),
    ]
    assert "current_organization" not in found[0]["user"]


async def test_event_types_of_a_user_are_their_own_and_those_they_host(studio: Studio) -> None:
    # given
    hosts = [studio.owner, studio.member]
    shared = await studio.admin.event_type(studio.organization, "Demo", hosts=hosts, pooling_type="round_robin")
    # when
    found = (await studio.get("/event_types", user=studio.owner.uri)).json()["collection"]
    other = (await studio.get("/event_types", user=studio.member.uri)).json()["collection"]
    # then
    assert [(one["uri"], one["profile"]["type"], one["pooling_type"]) for one in found] == [
        (shared, "Team", "round_robin"),
        (studio.calendar, "User", None),
    ]
    assert [one["uri"] for one in other] == [shared]
    assert sorted(found[0]) == EVENT_TYPE_FIELDS.split()


async def test_a_deleted_event_type_is_not_listed_and_can_be_read(studio: Studio) -> None:
    await studio.admin.change("event_types", uri=studio.calendar, deleted=True)
    assert (await studio.get("/event_types", user=studio.owner.uri)).json()["collection"] == []
    assert (await studio.get(studio.calendar)).json()["resource"]["deleted_at"] is not None


async def test_a_renamed_or_inactive_event_type_is_still_listed(studio: Studio) -> None:
    await studio.admin.change("event_types", uri=studio.calendar, name="First call", active=False)
    [shown] = (await studio.get("/event_types", user=studio.owner.uri)).json()["collection"]
    assert (shown["name"], shown["active"]) == ("First call", False)
    active = (await studio.get("/event_types", user=studio.owner.uri, active=True)).json()
    assert active["collection"] == []


async def test_hosts_are_listed_as_members(studio: Studio) -> None:
    hosts = [studio.owner, studio.member]
    shared = await studio.admin.event_type(studio.organization, "Demo", hosts=hosts, pooling_type="round_robin")
    found = (await studio.get("/event_type_memberships", event_type=shared)).json()["collection"]
    assert [(one["event_type"]["uri"], one["member"]["uri"]) for one in found] == [
        (shared, studio.owner.uri),
        (shared, studio.member.uri),
    ]
    assert len({one["uri"] for one in found}) == 2


async def test_pages_follow_each_other_and_end(studio: Studio) -> None:
    # given
    booked = await studio.admin.book(studio.calendar, count=45)
    query: dict[str, Any] = {"user": studio.owner.uri, "count": 20}
    # when
    pages = [(await studio.get("/scheduled_events", **query)).json()]
    while following := pages[-1]["pagination"]["next_page"]:
        assert following.startswith("https://api.calendly.com/scheduled_events?")
        pages.append((await studio.get(following)).json())
    # then
    assert [page["pagination"]["count"] for page in pages] == [20, 20, 5]
    assert [one["uri"] for page in pages for one in page["collection"]] == [one.event for one in booked]
    assert sorted(pages[2]["pagination"]) == [
        "count",
        "next_page",
        "next_page_token",
        "previous_page",
        "previous_page_token",
    ]
    assert pages[2]["pagination"]["next_page_token"] is None
    token = pages[1]["pagination"]["previous_page_token"]
    assert (await studio.get("/scheduled_events", **query, page_token=token)).json() == pages[0]


async def test_without_a_count_a_page_has_twenty(studio: Studio) -> None:
    await studio.admin.book(studio.calendar, count=21)
    page = (await studio.get("/scheduled_events", user=studio.owner.uri)).json()
    assert page["pagination"]["count"] == 20


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/scheduled_events", {"count": 101}),
        ("/scheduled_events", {"count": 0}),
        ("/scheduled_events", {"page_token": "made-up"}),
        ("/scheduled_events", {"sort": "created_at:asc"}),
        ("/scheduled_events", {"status": "cancelled"}),
        ("/scheduled_events", {"min_start_time": "yesterday"}),
        ("/event_types", {"sort": "created_at:desc"}),
        ("/organization_memberships", {"count": 101}),
    ],
)
async def test_a_bad_parameter_is_named(studio: Studio, path: str, wrong: dict[str, Any]) -> None:
    answer = await studio.get(path, user=studio.owner.uri, **wrong)
    assert (answer.status_code, fault(answer.json())) == (400, (INVALID, list(wrong)))


@pytest.mark.parametrize("path", ["/scheduled_events", "/event_types", "/organization_memberships"])
async def test_user_or_organization_must_be_given(studio: Studio, path: str) -> None:
    answer = await studio.get(path)
    assert (answer.status_code, fault(answer.json())) == (400, (INVALID, ["user"]))


async def test_events_are_found_by_the_meetings_start(studio: Studio) -> None:
    # given
    [early] = await studio.admin.book(studio.calendar, count=1, start_time="2026-12-01T09:00:00Z")
    [late] = await studio.admin.book(studio.calendar, count=1, start_time="2026-12-02T09:00:00Z")
    # when
    query = {"user": studio.owner.uri, "min_start_time": "2026-12-01T12:00:00Z"}
    found = (await studio.get("/scheduled_events", **query)).json()["collection"]
    down = (await studio.get("/scheduled_events", user=studio.owner.uri, sort="start_time:desc")).json()["collection"]
    # then
    assert [one["uri"] for one in found] == [late.event]
    assert [one["uri"] for one in down] == [late.event, early.event]


async def test_an_event_and_its_invitees_are_read(studio: Studio) -> None:
    # given
    workshop = await studio.admin.event_type(studio.organization, "Workshop", hosts=[studio.owner], kind="group")
    [ida, jan] = await studio.admin.book(workshop, ("Ida", "ida@example.test"), ("Jan", "jan@example.test"))
    await studio.admin.cancel(jan.invitee)
    # when
    event = (await studio.get(ida.event)).json()["resource"]
    everyone = (await studio.get(f"{ida.event}/invitees")).json()["collection"]
    active = (await studio.get(f"{ida.event}/invitees", status="active")).json()["collection"]
    # then
    assert event["invitees_counter"] == {"total": 2, "active": 1, "limit": 8}
    assert sorted(event["calendar_event"]) == ["external_id", "kind"]
    assert event["event_memberships"][0]["buffered_start_time"] == event["start_time"]
    assert [one["uri"] for one in everyone] == [ida.invitee, jan.invitee]
    assert [one["uri"] for one in active] == [ida.invitee]
    assert (await studio.get(jan.invitee)).json() == {"resource": everyone[1]}


async def test_members_read_their_own_events_and_no_others(studio: Studio) -> None:
    # given
    [booked] = await studio.admin.book(studio.calendar, count=1)
    token = studio.member.token
    # when
    answers = [
        await studio.get("/scheduled_events", token, organization=studio.organization),
        await studio.get("/scheduled_events", token, organization=studio.organization, user=studio.owner.uri),
        await studio.get("/scheduled_events", token, user=studio.owner.uri),
        await studio.get(booked.event, token),
        await studio.get("/scheduled_events", token, user=studio.member.uri),
    ]
    # then
    assert [(one.status_code, one.json().get("message")) for one in answers] == [
        (403, NO_PERMISSION["message"]),
        (403, NO_PERMISSION["message"]),
        (403, "Please also specify organization when requesting events of another user."),
        (403, "You are not allowed to view this event"),
        (200, None),
    ]


async def test_strangers_read_nothing(studio: Studio) -> None:
    # given
    elsewhere = await studio.admin.organization()
    token = (await studio.admin.user(elsewhere, "Cy Dahl", role="owner")).token
    [booked] = await studio.admin.book(studio.calendar, count=1)
    # when
    answers = [
        await studio.get(studio.organization, token),
        await studio.get(studio.owner.uri, token),
        await studio.get("/event_types", token, user=studio.owner.uri),
        await studio.get("/scheduled_events", token, organization=studio.organization),
        await studio.get(studio.calendar, token),
        await studio.get(booked.invitee, token),
    ]
    # then
    assert [(one.status_code, one.json()) for one in answers] == [
        (403, NO_PERMISSION),
        (403, NOT_YOURS),
        (403, NOT_YOURS),
        (403, NOT_YOURS),
        (404, NOT_FOUND),
        (404, NOT_FOUND),
    ]


async def test_what_is_not_there_is_not_found(studio: Studio) -> None:
    answers = [await studio.get(path) for path in ("/users/none", "/scheduled_events/none", "/event_types/none", "/x")]
    assert [(one.status_code, one.json()) for one in answers] == [(404, NOT_FOUND)] * 4
