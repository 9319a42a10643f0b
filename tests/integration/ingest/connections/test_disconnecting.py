"""Disconnecting over HTTP (R16, R17, R20, R21)."""

import asyncio
from uuid import UUID, uuid4

import pytest

from tests.integration.ingest.connections.conftest import Studio


@pytest.mark.parametrize("query", ["", "?synced_events=", "?synced_events=perhaps"])
async def test_r16_without_a_choice_nothing_is_disconnected(studio: Studio, query: str) -> None:
    connection = await studio.connected()
    answer = await studio.call("DELETE", f"/{connection}{query}")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/choice-missing")
    assert answer.json()["detail"] == (
        "Choose what becomes of the synced events: add '?synced_events=keep' or '?synced_events=delete'."
    )
    assert await studio.recorded(connection) == ["CalendlyConnected"]


@pytest.mark.parametrize("choice", ["keep", "delete"])
async def test_a_disconnected_connection_is_gone(studio: Studio, choice: str) -> None:
    # given
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    # when
    answer = await studio.call("DELETE", f"/{connection}?synced_events={choice}")
    # then
    assert (answer.status_code, answer.content) == (204, b"")
    again = f"/{connection}?synced_events={choice}"
    gone = [
        await studio.call("GET", f"/{connection}"),
        await studio.select(connection),
        await studio.call("DELETE", again),
    ]
    assert [(one.status_code, one.json()["type"]) for one in gone] == [(404, "/problems/not-found")] * 3
    assert (await studio.call("GET")).json() == {"items": []}
    assert await studio.recorded(connection) == [
        "CalendlyConnected",
        "CalendarSelected",
        "CalendarDeselected",
        "CalendlyDisconnected",
    ]


async def test_disconnecting_removes_the_subscription_and_the_secrets(studio: Studio) -> None:
    connection = await studio.connected()
    await studio.call("DELETE", f"/{connection}?synced_events=keep")
    assert await studio.subscriptions() == []
    row = await studio.ingest.pool.fetchrow(
        "SELECT state, token, signing_keys FROM ingest.connections WHERE id = $1", UUID(connection)
    )
    assert row is not None
    assert dict(row) == {"state": "disconnected", "token": None, "signing_keys": []}


async def test_connecting_again_makes_a_new_connection_for_anyone(studio: Studio) -> None:
    # given
    first = await studio.connected()
    await studio.call("DELETE", f"/{first}?synced_events=keep")
    # when the user connects again
    second = await studio.connected()
    # then
    assert second != first
    # and when the account moves to another subaccount
    await studio.call("DELETE", f"/{second}?synced_events=keep")
    studio.subaccount = uuid4()
    third = await studio.connected(user_id=uuid4())
    assert third not in {first, second}


async def test_a_token_that_was_revoked_does_not_bar_disconnecting(studio: Studio) -> None:
    connection = await studio.connected()
    await studio.admin.order("token_faults", token=studio.account.token, fault="The access token was revoked")
    assert (await studio.call("DELETE", f"/{connection}?synced_events=keep")).status_code == 204


async def test_a_stored_token_that_cannot_be_read_does_not_bar_disconnecting(studio: Studio) -> None:
    connection = await studio.connected()
    await studio.ingest.pool.execute(
        "UPDATE ingest.connections SET token = '\\x00112233'::bytea || token WHERE id = $1", UUID(connection)
    )
    assert (await studio.call("DELETE", f"/{connection}?synced_events=keep")).status_code == 204


async def test_what_is_delivered_afterwards_is_answered_404(studio: Studio) -> None:
    # given a subscription that could not be removed
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    assert await _answers(studio, calendar) == [202]
    await studio.admin.order("token_faults", token=studio.account.token, fault="The access token was revoked")
    await studio.call("DELETE", f"/{connection}?synced_events=keep")
    # when the keys that were remembered are forgotten, which every process is told to do
    async with asyncio.timeout(20):
        while (answers := await _answers(studio, calendar)) == [202]:
            await asyncio.sleep(0.05)
    # then
    assert answers == [404]


async def _answers(studio: Studio, calendar: str) -> list[int]:
    """Book once; return what the first try of its deliveries was answered."""
    await studio.admin.behave(first_wait=60)
    (booked,) = await studio.admin.book(calendar, ("Lena Vogt", "lena@mail.example"))
    async with asyncio.timeout(10):
        while True:
            sent = await studio.admin.deliveries(invitee=booked.invitee)
            if sent and all(one["answers"] for one in sent):
                return [one["answers"][0] for one in sent]
            await asyncio.sleep(0.02)


async def test_of_two_that_disconnect_at_the_same_moment_both_are_answered_and_one_did_it(studio: Studio) -> None:
    connection = await studio.connected()
    answers = await asyncio.gather(
        *(studio.call("DELETE", f"/{connection}?synced_events={choice}") for choice in ("keep", "delete"))
    )
    assert sorted(answer.status_code for answer in answers) == [204, 404]
    assert await studio.recorded(connection) == ["CalendlyConnected", "CalendlyDisconnected"]
