"""The webhook: every answer of its row in the agreement, and what is stored for each (R6)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from devstack.calendly.delivery import signature
from services.ingest.intake.group_commit import GroupCommit
from services.ingest.intake.webhook import Webhook
from services.runtime.database import pool as database_pool
from tests.support.ingest import tables
from tests.support.payloads import invitee_created

CONNECTION, KEY = uuid4(), "a signing key"


class Keys:
    """One connection is known."""

    async def keys_of(self, connection_id: UUID) -> tuple[bytes, ...] | None:
        return (KEY.encode(),) if connection_id == CONNECTION else None


@pytest.fixture(scope="module")
async def migrated(database_url: str) -> str:
    await tables(database_url)
    return database_url


@pytest.fixture
async def pool(migrated: str) -> AsyncIterator[asyncpg.Pool]:
    async with database_pool(migrated) as opened:
        await opened.execute("TRUNCATE ingest.inbox")
        yield opened


@pytest.fixture
async def http(pool: asyncpg.Pool) -> AsyncIterator[httpx2.AsyncClient]:
    async with GroupCommit.open(pool) as commits:
        app: Any = Webhook(FastAPI(), keys=Keys(), commits=commits, registry=CollectorRegistry())
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://ingest") as client:
            yield client


async def deliver(
    http: httpx2.AsyncClient,
    body: bytes,
    *,
    header: str | None = "",
    key: str = KEY,
    late: int = 0,
    to: object = CONNECTION,
    **more: Any,
) -> httpx2.Response:
    """Deliver a body; signed as it should be, just now, unless told otherwise."""
    signed = signature(body, key=key, stamp=int(time.time()) - late) if header == "" else header
    headers = {"Calendly-Webhook-Signature": signed} if signed is not None else {}
    return await http.post(f"/webhooks/calendly/{to}", content=body, headers={**headers, **more})


async def stored(pool: asyncpg.Pool) -> list[tuple[Any, ...]]:
    """Return event, state, outcome and whether there is a body, of each row."""
    rows = await pool.fetch("SELECT event, state, outcome, body IS NOT NULL AS kept FROM ingest.inbox ORDER BY seq")
    return [tuple(row) for row in rows]


GOOD = json.dumps(invitee_created()).encode()


async def test_a_signed_delivery_is_stored_and_answered_202(pool: asyncpg.Pool, http: httpx2.AsyncClient) -> None:
    answer = await deliver(http, GOOD)
    assert (answer.status_code, answer.content) == (202, b"")
    assert await stored(pool) == [("invitee.created", "waiting", None, True)]


@pytest.mark.parametrize(
    ("status", "slug", "case"),
    [
        (401, "signature-refused", {"header": None}),
        (401, "signature-refused", {"header": "t=1,v1=00"}),
        (401, "signature-refused", {"key": "another"}),
        (401, "signature-refused", {"late": 26 * 3600}),
        (401, "signature-refused", {"late": -360}),
        (404, "not-found", {"to": uuid4()}),
        (404, "not-found", {"to": "no-id"}),
        (413, "too-large", {"body": b"x" * (1024 * 1024 + 1)}),
        (400, "not-json", {"body": b"hello"}),
        (400, "not-json", {"body": b""}),
    ],
)
async def test_what_is_refused_says_why_and_stores_nothing(
    pool: asyncpg.Pool, http: httpx2.AsyncClient, status: int, slug: str, case: dict[str, Any]
) -> None:
    given = dict(case)
    answer = await deliver(http, given.pop("body", GOOD), **given)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert await stored(pool) == []


async def test_a_body_without_a_length_is_cut_off_at_1_mib(pool: asyncpg.Pool, http: httpx2.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 65536

    answer = await http.post(f"/webhooks/calendly/{CONNECTION}", content=endless())
    assert answer.status_code == 413
    assert await stored(pool) == []


async def test_another_method_is_refused_and_other_paths_are_passed_on(http: httpx2.AsyncClient) -> None:
    refused = await http.get(f"/webhooks/calendly/{CONNECTION}")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert (await http.get("/elsewhere")).json() == {"detail": "Not Found"}


@pytest.mark.parametrize(
    ("body", "row"),
    [
        ({"event": "routing_form_submission.created", "payload": {}}, ("done", "ignored", False)),
        ([1, 2], ("parked", "parked", True)),
        ({"event": 7}, ("parked", "parked", True)),
        ({"event": "invitee.created\x00"}, ("parked", "parked", True)),
        ({"event": "invitee.created", "payload": {"uri": "x" * 501}}, ("parked", "parked", True)),
    ],
)
async def test_what_is_unused_is_kept_without_its_body_and_what_is_malformed_is_parked(
    pool: asyncpg.Pool, http: httpx2.AsyncClient, body: Any, row: tuple[str, str, bool]
) -> None:
    assert (await deliver(http, json.dumps(body).encode())).status_code == 202
    assert [one[1:] for one in await stored(pool)] == [row]


async def test_deliveries_that_arrive_together_share_commits(pool: asyncpg.Pool, http: httpx2.AsyncClient) -> None:
    # When two hundred arrive at once
    answers = await asyncio.gather(*(deliver(http, GOOD) for _ in range(200)))
    # Then all are stored, in far fewer transactions
    assert {one.status_code for one in answers} == {202}
    assert len(await stored(pool)) == 200
    assert await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM ingest.inbox") < 40


async def test_while_nothing_can_be_stored_the_sender_is_told_to_come_again(
    pool: asyncpg.Pool, http: httpx2.AsyncClient
) -> None:
    # Given an inbox that cannot be written
    await pool.execute("ALTER TABLE ingest.inbox RENAME TO inbox_away")
    try:
        answer = await deliver(http, GOOD)
    finally:
        await pool.execute("ALTER TABLE ingest.inbox_away RENAME TO inbox")
    # Then the answer is 503, and the next delivery is taken
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (answer.json()["type"], answer.json()["detail"]) == (
        "/problems/inbox-unavailable",
        "The delivery cannot be stored now. Send it again.",
    )
    assert (await deliver(http, GOOD)).status_code == 202


async def test_a_delivery_that_is_cut_short_is_refused_and_nothing_is_stored(pool: asyncpg.Pool) -> None:
    # Given a sender whose connection ends in the middle of the body
    came = iter([{"type": "http.request", "body": GOOD[:40], "more_body": True}, {"type": "http.disconnect"}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(came)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": f"/webhooks/calendly/{CONNECTION}", "headers": []}
    async with GroupCommit.open(pool) as commits:
        app: Any = Webhook(FastAPI(), keys=Keys(), commits=commits, registry=CollectorRegistry())
        # When it is taken
        await app(scope, receive, send)
    # Then the answer, if anybody still reads it, says so
    assert sent[0]["status"] == 400
    assert json.loads(sent[1]["body"])["type"] == "/problems/cut-short"
    assert await stored(pool) == []


async def test_a_valid_trace_is_kept_and_an_invalid_one_is_not(pool: asyncpg.Pool, http: httpx2.AsyncClient) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    await deliver(http, GOOD, traceparent=trace)
    await deliver(http, GOOD, traceparent="nonsense")
    assert [row["trace"] for row in await pool.fetch("SELECT trace FROM ingest.inbox ORDER BY seq")] == [trace, None]
