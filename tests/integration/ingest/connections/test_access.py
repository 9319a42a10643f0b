"""Who may call the connections API: scopes, and tenants that do not see each other (DESIGN 4)."""

from uuid import uuid4

import pytest

from tests.integration.ingest.connections.conftest import Studio

WRITES = [
    ("POST", "", {"user_id": str(uuid4()), "personal_access_token": "pat"}),
    ("PUT", "/{id}/calendars", {"selected": []}),
    ("DELETE", "/{id}?synced_events=keep", None),
]
READS = [("GET", "", None), ("GET", "/{id}", None)]


@pytest.mark.parametrize(("method", "path", "body"), [*READS, *WRITES])
async def test_without_a_token_the_answer_is_401(studio: Studio, method: str, path: str, body: object) -> None:
    address = f"/v1/subaccounts/{studio.subaccount}/connections{path.format(id=uuid4())}"
    answer = await studio.ingest.http.request(method, address, json=body)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    ("method", "path", "body", "scope"),
    [(*call, "connections:read") for call in READS] + [(*call, "connections:write") for call in WRITES],
)
async def test_a_missing_scope_is_named(studio: Studio, method: str, path: str, body: object, scope: str) -> None:
    others = {"connections:read", "connections:write", "appointments:read"} - {scope}
    answer = await studio.call(method, path.format(id=uuid4()), body, scope=" ".join(others))
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/scope-missing")
    assert answer.json()["detail"] == f"The token lacks the scope '{scope}'. Ask for a token that has it."


@pytest.mark.parametrize(("method", "path", "body"), [READS[1], WRITES[1], WRITES[2]])
async def test_another_tenants_connection_answers_as_one_that_does_not_exist(
    studio: Studio, method: str, path: str, body: object
) -> None:
    # given
    connection = await studio.connected()
    studio.subaccount = uuid4()
    # when
    foreign = await studio.call(method, path.format(id=connection), body)
    missing = await studio.call(method, path.format(id=uuid4()), body)
    # then
    assert (foreign.status_code, foreign.json()) == (404, missing.json())
    assert await studio.recorded(connection) == ["CalendlyConnected"]


async def test_a_subaccount_that_is_not_the_callers_answers_404(studio: Studio) -> None:
    theirs = uuid4()
    headers = (await studio.call("GET")).request.headers
    answer = await studio.ingest.http.get(f"/v1/subaccounts/{theirs}/connections", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
