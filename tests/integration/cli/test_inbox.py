"""`bookstream inbox` against a real PostgreSQL: what is parked is seen, retried and discarded."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from typer.testing import CliRunner

from services.cli import inbox
from services.cli.tables import migrate
from tests.support.commands import Ended, bookstream
from tests.support.payloads import body, invitee_created

GUEST = "Lena.Vogt@mail.example"
INVITEE = "https://api.calendly.com/scheduled_events/S1/invitees/I1"
NOWHERE = UUID("00000000-0000-4000-8000-00000000dead")

_PARKED = """
INSERT INTO ingest.inbox (id, connection_id, received_at, event, invitee_uri, body, state, outcome, reason, attempts)
VALUES ($1, $2, '2026-11-24T09:00:00Z', $3, $4, $5, 'parked', 'parked', $6, 1)
"""


@pytest.fixture(scope="module")
def settings(database_url: str) -> dict[str, str]:
    return {"INGEST_DATABASE_URL": database_url}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    migrate("ingest", database_url)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("TRUNCATE ingest.inbox")
        yield connection
    finally:
        await connection.close()


async def parked(database: asyncpg.Connection, *, unreadable: bytes | None = None) -> UUID:
    """Park one delivery: a booking whose import failed, or a body that intake could not read."""
    one = uuid4()
    facts = (
        ("unknown", None, unreadable, "body: unreadable")
        if unreadable
        else ("invitee.created", INVITEE, body(invitee_created()), "payload.uri: wrong")
    )
    await database.execute(_PARKED, one, uuid4(), *facts)
    return one


async def row(database: asyncpg.Connection, one: UUID) -> dict[str, Any]:
    statement = "SELECT state, outcome, event, invitee_uri, reason, body IS NULL AS gone FROM ingest.inbox WHERE id=$1"
    found = await database.fetchrow(statement, one)
    assert found is not None
    return dict(found)


def told(end: Ended) -> list[dict[str, Any]]:
    assert end.code == 0, end.err
    return [json.loads(line) for line in end.out.splitlines()]


async def test_list_shows_what_is_parked_oldest_first(database: asyncpg.Connection, settings: dict[str, str]) -> None:
    first, second = await parked(database), await parked(database)
    listed = told(await bookstream("inbox", "list", settings=settings))
    assert [one["id"] for one in listed] == [str(first), str(second)]
    assert {key: listed[0][key] for key in ("state", "reason", "event", "invitee_uri", "attempts")} == {
        "state": "parked",
        "reason": "payload.uri: wrong",
        "event": "invitee.created",
        "invitee_uri": INVITEE,
        "attempts": 1,
    }
    assert [one["id"] for one in told(await bookstream("inbox", "list", "--limit", "1", settings=settings))] == [
        str(first)
    ]
    assert told(await bookstream("inbox", "list", "--state", "waiting", settings=settings)) == []


async def test_show_tells_no_personal_data_unless_the_body_is_asked_for(
    database: asyncpg.Connection, settings: dict[str, str]
) -> None:
    one = str(await parked(database))
    shown = await bookstream("inbox", "show", one, settings=settings)
    assert [(it["id"], it["state"], it["reason"]) for it in told(shown)] == [(one, "parked", "payload.uri: wrong")]
    assert GUEST not in shown.out
    (whole,) = told(await bookstream("inbox", "show", one, "--body", settings=settings))
    assert json.loads(whole["body"]) == invitee_created()


async def test_show_of_an_unknown_id_ends_with_1_and_says_where_ids_are(
    database: asyncpg.Connection, settings: dict[str, str]
) -> None:
    assert await database.fetchval("SELECT count(*) FROM ingest.inbox") == 0
    end = await bookstream("inbox", "show", str(NOWHERE), settings=settings)
    assert (end.code, end.out) == (1, "")
    assert end.err == (
        f"bookstream: There is no delivery {NOWHERE}. List those that are parked: bookstream inbox list\n"
    )


async def test_retried_deliveries_wait_again_and_the_importer_is_told(
    database: asyncpg.Connection, settings: dict[str, str]
) -> None:
    # given
    one, other = await parked(database), await parked(database)
    heard: list[str] = []
    await database.add_listener("inbox", lambda *told: heard.append(told[2]))
    # when
    assert told(await bookstream("inbox", "retry", str(one), settings=settings)) == [
        {"id": str(one), "state": "waiting", "reason": None}
    ]
    # then
    again = {"state": "waiting", "outcome": None, "event": "invitee.created", "invitee_uri": INVITEE}
    assert await row(database, one) == {**again, "reason": None, "gone": False}
    assert (await row(database, other))["state"] == "parked"
    assert heard == ["inbox"]


async def test_retrying_all_reads_anew_what_intake_could_not_read(
    database: asyncpg.Connection, settings: dict[str, str]
) -> None:
    # given one that can be read today, and one that still cannot
    readable = await parked(database, unreadable=body(invitee_created()))
    unreadable = await parked(database, unreadable=b'{"event": 7}')
    # when
    end = await bookstream("inbox", "retry", "--all", settings=settings)
    # then
    assert end.code == 1
    assert end.err.startswith("bookstream: 1 still cannot be read and stay parked.")
    assert [(one["id"], one["state"]) for one in map(json.loads, end.out.splitlines())] == [
        (str(readable), "waiting"),
        (str(unreadable), "parked"),
    ]
    again = await row(database, readable)
    assert (again["state"], again["event"], again["invitee_uri"]) == ("waiting", "invitee.created", INVITEE)
    assert (await row(database, unreadable))["state"] == "parked"


async def test_retrying_all_where_nothing_is_parked_is_done(
    database: asyncpg.Connection, settings: dict[str, str]
) -> None:
    assert await database.fetchval("SELECT count(*) FROM ingest.inbox") == 0
    assert told(await bookstream("inbox", "retry", "--all", settings=settings)) == []


async def test_a_discarded_delivery_is_done_and_its_body_gone(
    database: asyncpg.Connection, settings: dict[str, str]
) -> None:
    one = await parked(database)
    assert told(await bookstream("inbox", "discard", str(one), settings=settings)) == [
        {"id": str(one), "state": "done", "reason": "discarded"}
    ]
    done = {"state": "done", "outcome": "ignored", "reason": "discarded", "gone": True}
    assert await row(database, one) == {**done, "event": "invitee.created", "invitee_uri": INVITEE}


@pytest.mark.parametrize("command", ["retry", "discard"])
async def test_where_one_is_not_parked_nothing_changes(
    database: asyncpg.Connection, settings: dict[str, str], command: str
) -> None:
    one = await parked(database)
    end = await bookstream("inbox", command, str(one), str(NOWHERE), settings=settings)
    assert (end.code, end.out) == (1, "")
    assert end.err == (
        f"bookstream: Not parked, so nothing was changed: {NOWHERE}. List what is parked: bookstream inbox list\n"
    )
    assert (await row(database, one))["state"] == "parked"


@pytest.mark.parametrize(
    "arguments",
    [
        ("retry",),
        ("retry", "--all", str(NOWHERE)),
        ("discard",),
        ("show", "7"),
        ("list", "--state", "lost"),
        ("list", "--limit", "0"),
        ("burn",),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(inbox.app, arguments).exit_code == 2
