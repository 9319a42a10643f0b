"""What became of deliveries, over HTTP (DESIGN 4)."""

from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from tests.integration.ingest.connections.conftest import Studio

_INSERT = """
INSERT INTO ingest.inbox (id, connection_id, received_at, event, invitee_uri, body, state, outcome, rule,
                          appointment_id)
VALUES ($1, $2, '2026-11-24T09:00:00Z', 'invitee.created', $3, $4, $5, $6, $7, $8)
"""


def invitee() -> str:
    """Return the URI of an invitee of its own."""
    return f"https://api.calendly.com/scheduled_events/S1/invitees/{uuid4()}"


async def stored(
    studio: Studio, connection: str, uri: str, outcome: str | None, *, rule: str | None = None, to: UUID | None = None
) -> UUID:
    """Store a delivery as one of these outcomes leaves it; None is one that waits."""
    one = uuid4()
    state = {None: "waiting", "parked": "parked"}.get(outcome, "done")
    body = None if state == "done" else b'{"name": "Lena Vogt"}'
    await studio.ingest.pool.execute(_INSERT, one, UUID(connection), uri, body, state, outcome, rule, to)
    return one


async def told(studio: Studio, uri: str, *, scope: str = "operations") -> Any:
    """Ask what became of an invitee's deliveries."""
    path = f"/deliveries?invitee_uri={quote(uri, safe='')}"
    return await studio.ingest.call("GET", path, subaccount=studio.subaccount, scope=scope)


async def test_outcomes_are_told_in_the_order_of_arrival(studio: Studio) -> None:
    # given
    connection, uri, appointment = await studio.connected(), invitee(), uuid4()
    first = await stored(studio, connection, uri, "imported", rule="R4", to=appointment)
    second = await stored(studio, connection, uri, "duplicate", rule="R4", to=appointment)
    third = await stored(studio, connection, uri, "parked")
    # when
    answer = await told(studio, uri)
    # then
    common = {
        "received_at": "2026-11-24T09:00:00Z",
        "connection_id": connection,
        "event": "invitee.created",
        "invitee_uri": uri,
    }
    assert answer.status_code == 200
    assert answer.json() == [
        {"id": str(first), **common, "outcome": "imported", "rule": "R4", "appointment_id": str(appointment)},
        {"id": str(second), **common, "outcome": "duplicate", "rule": "R4", "appointment_id": str(appointment)},
        {"id": str(third), **common, "outcome": "parked", "rule": None, "appointment_id": None},
    ]


async def test_what_waits_and_other_invitees_are_left_out(studio: Studio) -> None:
    connection, uri = await studio.connected(), invitee()
    await stored(studio, connection, uri, None)
    await stored(studio, connection, invitee(), "imported", rule="R4")
    assert (await told(studio, uri)).json() == []


async def test_another_subaccounts_deliveries_are_not_told(studio: Studio) -> None:
    connection, uri = await studio.connected(), invitee()
    await stored(studio, connection, uri, "imported", rule="R4")
    studio.subaccount = uuid4()
    assert (await told(studio, uri)).json() == []


async def test_deliveries_of_a_connection_that_was_disconnected_are_still_told(studio: Studio) -> None:
    connection, uri = await studio.connected(), invitee()
    one = await stored(studio, connection, uri, "left_out", rule="R14")
    await studio.call("DELETE", f"/{connection}?synced_events=keep")
    assert [(it["id"], it["outcome"], it["rule"]) for it in (await told(studio, uri)).json()] == [
        (str(one), "left_out", "R14")
    ]


async def test_it_takes_the_scope_operations(studio: Studio) -> None:
    answer = await told(studio, invitee(), scope="connections:read appointments:read")
    assert (answer.status_code, answer.json()["scope"]) == (403, "operations")


async def test_without_an_invitee_the_request_is_not_valid(studio: Studio) -> None:
    answer = await studio.ingest.call("GET", "/deliveries", subaccount=studio.subaccount, scope="operations")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")
