"""From the 202 to the committed row, at a steady rate."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import asyncpg

from benchmarks.course import Course
from benchmarks.ground import open_ground
from benchmarks.load import Answer, send_steadily
from benchmarks.measuring import Finding, Series, percentiles
from benchmarks.scene import Prepared, deliveries, prepare
from devstack.stack import Stack
from devstack.system import System, open_system

KEY = "latency"
NOTE = "All services run, each as a process of its own. The row's time is that of its commit (track_commit_timestamp)."
WITHIN = 60.0
"""Seconds in which the last row has to be there."""

_ROWS = """
SELECT e.invitee_uri, pg_xact_commit_timestamp(a.xmin) AS row_at
  FROM projector.appointments_v1 AS a
  JOIN ingest.inbox AS e ON e.appointment_id = a.id
 WHERE a.subaccount_id = $1 AND a.owner_user_id IS NOT NULL
"""


class Lost(Exception):
    """Rows did not come."""


async def run(stack: Stack, course: Course, *, per_second: float, seconds: float, warm_up: float) -> Finding:
    """Measure at a steady rate, after a warm-up of some seconds. Raises ProgramFailed, Lost."""
    course.say(f"latency: {per_second:g} deliveries a second for {seconds:g} s, after {warm_up:g} s of warming up")
    async with open_ground(stack) as own, open_system(own, say=course.say) as system:
        return await measure(system, per_second=per_second, seconds=seconds, warm_up=warm_up)


async def measure(system: System, *, per_second: float, seconds: float, warm_up: float) -> Finding:
    """Measure a running system. Raises Lost.

    Kafka compiles itself while it warms up, and takes a core for it.
    """
    prepared = await prepare(system)
    await _send(system, prepared, per_second=per_second, seconds=warm_up)
    answers = await _send(system, prepared, per_second=per_second, seconds=seconds)
    found = await _latencies(system, prepared, answers)
    series = Series(
        name=f"Bookstream at {per_second:g} deliveries a second", role="project", percentiles=percentiles(found)
    )
    return Finding(key=KEY, title="Latency: from the 202 to the row", unit="deliveries", note=NOTE, series=[series])


async def _send(system: System, prepared: Prepared, *, per_second: float, seconds: float) -> dict[str, Answer]:
    host, _, port = system.ingest_url.removeprefix("http://").partition(":")
    uris, requests = deliveries(system, prepared, int(per_second * seconds))
    answers = await send_steadily(host, int(port), requests, per_second=per_second)
    return dict(zip(uris, answers, strict=True))


async def _latencies(system: System, prepared: Prepared, answers: Mapping[str, Answer]) -> Sequence[float]:
    deadline = time.monotonic() + WITHIN
    database = await asyncpg.connect(system.environment["DATABASE_URL"])
    try:
        while time.monotonic() < deadline:
            rows = await database.fetch(_ROWS, prepared.subaccount)
            arrived = {row["invitee_uri"]: row["row_at"].timestamp() for row in rows}
            if answers.keys() <= arrived.keys():
                return [(arrived[uri] - answer.answered_at) * 1000 for uri, answer in answers.items()]
            await asyncio.sleep(0.1)
    finally:
        await database.close()
    raise Lost(f"some of {len(answers)} deliveries were not rows within {WITHIN:g} s")
