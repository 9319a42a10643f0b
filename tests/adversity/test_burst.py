"""Thousands of deliveries at once: all are taken, all become appointments, each exactly once (R4)."""

import asyncio
import json
import os
import time
import uuid

import pytest

from devstack.system import System, run_command
from tests.support.burst import deliveries, send
from tests.support.scene import Scene, until

BURST = int(os.environ.get("BURST", "5000"))
"""Deliveries; 10,000 are sent with BURST=10000."""
CONNECTIONS = 250


@pytest.mark.timeout(240)
async def test_r4_a_burst_of_deliveries_is_taken_and_imported_exactly(system: System, scene: Scene) -> None:
    # Given a selected calendar
    organization = await scene.admin.organization()
    account = await scene.admin.user(organization, "Ingrid Solheim")
    calendar = await scene.admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
    connection = await scene.connected(account, calendar)

    # When the deliveries of many bookings come at once
    bodies, began = deliveries(calendar, BURST), time.monotonic()
    sent = await send(scene, connection, bodies, connections=CONNECTIONS)
    taken = time.monotonic()
    await until(lambda: _arrived(scene), "all bookings are appointments, and nothing waits", within=200)
    print(f"{BURST} deliveries: taken in {taken - began:.1f} s, appointments after {time.monotonic() - began:.1f} s")  # noqa: T201

    # Then each was answered 202, or 503 and sent again, and is one appointment
    assert set(sent.statuses) <= {202, 503}
    assert sent.taken == sent.statuses[202] == BURST
    assert await scene.count() == BURST
    statement = "SELECT state, outcome, rule, count(*) FROM ingest.inbox WHERE connection_id = $1 GROUP BY 1, 2, 3"
    rows = await scene.database.fetch(statement, uuid.UUID(connection))
    assert [tuple(row) for row in rows] == [("done", "imported", "R4", BURST)]
    # And the audit finds nothing off
    told = await asyncio.to_thread(run_command, ["audit"], system.environment)
    assert {json.loads(line)["kind"] for line in told.splitlines()} == {"account"}


async def _arrived(scene: Scene) -> bool:
    return await scene.count() == BURST and await scene.has_caught_up()
