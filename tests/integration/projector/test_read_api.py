"""The read API on real rows: what it shows, to whom, and what it refuses (R2, R5)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from bookstream_contracts.testkit import example, record
from prometheus_client import CollectorRegistry

from services.projector.read_api import appointments, contacts
from services.runtime.health import Checks
from services.runtime.tokens import Secret, mint
from services.runtime.web import new_app
from tests.support.projector import applier
from tests.support.records import raw

SECRET = "a secret of thirty-two characters, or more"
BOOKED = example("BookingImported.v1")
SUBACCOUNT, APPOINTMENT, CONTACT = (
    BOOKED.model_dump()[f"{name}_id"] for name in ("subaccount", "appointment", "contact")
)


@pytest.fixture
async def http(pool: asyncpg.Pool) -> AsyncIterator[httpx2.AsyncClient]:
    routers = (appointments.router(pool), contacts.router(pool))
    app = new_app("tests", keys=Secret(SECRET), checks=Checks({}), registry=CollectorRegistry(), routers=routers)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://projector") as client:
        yield client


def bearer(scope: str, subaccount: UUID = SUBACCOUNT) -> dict[str, str]:
    """Return the header of somebody who may see one subaccount."""
    now, hour = datetime.now(UTC), timedelta(hours=1)
    token = mint(SECRET, user="tests", subaccounts=[str(subaccount)], scope=scope, now=now, lifetime=hour)
    return {"Authorization": f"Bearer {token}"}


async def applied(pool: asyncpg.Pool, name: str, event_name: str, *, offset: int = 0, **changes: object) -> None:
    """Apply one example event to a projection."""
    made = record(example(event_name, **changes))
    one = raw(made.topic, key=made.key, value=made.value, headers=made.headers, offset=offset)
    await applier(pool, name).apply([one])


def path(rest: str = "", subaccount: UUID = SUBACCOUNT) -> str:
    """Return the path of the appointments of a subaccount."""
    return f"/v1/subaccounts/{subaccount}/appointments{rest}"


async def test_a_contact_that_comes_a_moment_later_is_waited_for(pool: asyncpg.Pool, http: httpx2.AsyncClient) -> None:
    # Given an appointment whose contact is not there yet
    await applied(pool, "appointments", "BookingImported.v1")
    # When it is read while the contact comes
    scopes = bearer("appointments:read contacts:read")
    reading = asyncio.create_task(http.get(path(f"/{APPOINTMENT}"), headers=scopes))
    await asyncio.sleep(0)
    await applied(pool, "contacts", "ContactUpserted.v1")
    # Then the answer has it
    shown = (await reading).json()
    assert shown["contact"] == {"id": str(CONTACT), "name": "Ada Example", "email": "Ada.Example@example.com"}


async def test_without_the_scope_a_contact_shows_its_id_only(pool: asyncpg.Pool, http: httpx2.AsyncClient) -> None:
    await applied(pool, "appointments", "BookingImported.v1")
    await applied(pool, "contacts", "ContactUpserted.v1")
    shown = (await http.get(path(), headers=bearer("appointments:read"))).json()
    assert [one["contact"] for one in shown["items"]] == [{"id": str(CONTACT)}]


async def test_pages_follow_one_another_without_a_gap_or_a_double(pool: asyncpg.Pool, http: httpx2.AsyncClient) -> None:
    # Given five appointments, three of which start at the same moment
    start = datetime(2027, 1, 4, 9, tzinfo=UTC)
    ids = [uuid4() for _ in range(5)]
    for number, one in enumerate(ids):
        begins = start + timedelta(hours=max(0, number - 2))
        changes = {"appointment_id": one, "starts_at": begins, "contact_id": None}
        await applied(pool, "appointments", "BookingImported.v1", offset=number, **changes)
    # When they are read two at a time
    seen, cursor = list[str](), ""
    while cursor is not None:
        query = f"?limit=2{f'&cursor={cursor}' if cursor else ''}"
        page = (await http.get(path(query), headers=bearer("appointments:read"))).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    # Then each came once, in the order of start and id
    assert seen == [*sorted(map(str, ids[:3])), str(ids[3]), str(ids[4])]


async def test_filters_are_half_open_in_time_and_exact_elsewhere(pool: asyncpg.Pool, http: httpx2.AsyncClient) -> None:
    await applied(pool, "appointments", "BookingImported.v1", contact_id=None)
    start = BOOKED.model_dump()["starts_at"]

    async def count(**query: str) -> int:
        answer = await http.get(path(), params=query, headers=bearer("appointments:read"))
        return len(answer.json()["items"])

    assert await count(**{"from": start.isoformat()}) == 1
    assert await count(to=start.isoformat()) == 0
    assert await count(calendar=BOOKED.model_dump()["calendar"]["uri"]) == 1
    assert await count(calendar="https://api.calendly.com/event_types/OTHER") == 0


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_r2_an_edit_is_refused_and_the_answer_says_where_to_edit(http: httpx2.AsyncClient, method: str) -> None:
    answer = await http.request(method, path(f"/{APPOINTMENT}"), headers=bearer("appointments:read"))
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/edit-in-calendly",
        "title": "Method Not Allowed",
        "status": 405,
        "detail": "This appointment came from Calendly and cannot be changed here. Edit it in Calendly.",
        "rule": "R2",
    }


async def test_another_tenant_finds_nothing_and_a_made_up_cursor_is_refused(
    pool: asyncpg.Pool, http: httpx2.AsyncClient
) -> None:
    await applied(pool, "appointments", "BookingImported.v1", contact_id=None)
    other = uuid4()
    # Another tenant's appointment is one that does not exist, in one's own subaccount and in theirs
    mine = await http.get(path(f"/{APPOINTMENT}", other), headers=bearer("appointments:read", other))
    theirs = await http.get(path(f"/{APPOINTMENT}"), headers=bearer("appointments:read", other))
    assert (mine.status_code, theirs.status_code) == (404, 404)
    refused = await http.get(path("?cursor=nonsense"), headers=bearer("appointments:read"))
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/cursor-refused")
    assert (await http.get(path())).status_code == 401
    assert (await http.get(path(), headers=bearer("contacts:read"))).status_code == 403
