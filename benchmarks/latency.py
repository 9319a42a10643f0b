"""From the 202 to the committed row, at a steady rate: `python -m benchmarks.latency [--per-second] [--seconds]`."""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Sequence

import asyncpg
import uvloop

from benchmarks.load import Answer, send_steadily
from benchmarks.scene import Prepared, deliveries, prepare
from devstack.stack import open_stack
from devstack.system import System, open_system

WARM_UP = 30
"""Seconds: Kafka compiles itself while it warms up, and takes a core for it."""

_ROWS = """
SELECT e.invitee_uri, pg_xact_commit_timestamp(a.xmin) AS row_at
  FROM projector.appointments_v1 AS a
  JOIN ingest.inbox AS e ON e.appointment_id = a.id
 WHERE a.subaccount_id = $1 AND a.owner_user_id IS NOT NULL
"""


async def measure(system: System, *, per_second: float, seconds: float) -> list[float]:
    """Return the milliseconds from each 202 to the commit of its row, after a warm-up."""
    prepared = await prepare(system)
    host, _, port = system.ingest_url.removeprefix("http://").partition(":")
    _, warm = deliveries(system, prepared, int(per_second * WARM_UP))
    await send_steadily(host, int(port), warm, per_second=per_second)
    uris, requests = deliveries(system, prepared, int(per_second * seconds))
    answers = await send_steadily(host, int(port), requests, per_second=per_second)
    return await _latencies(system, prepared, dict(zip(uris, answers, strict=True)))


async def _latencies(system: System, prepared: Prepared, answers: dict[str, Answer]) -> list[float]:
    database = await asyncpg.connect(system.environment["DATABASE_URL"])
    try:
        for _ in range(600):
            rows = await database.fetch(_ROWS, prepared.subaccount)
            arrived = {row["invitee_uri"]: row["row_at"].timestamp() for row in rows}
            if answers.keys() <= arrived.keys():
                break
            await asyncio.sleep(0.1)
    finally:
        await database.close()
    return [(arrived[uri] - answer.answered_at) * 1000 for uri, answer in answers.items()]


def table(found: Sequence[float], *, per_second: float) -> str:
    """Return the figures as one line of text."""
    cuts = statistics.quantiles(found, n=100)
    figures = {"p50": cuts[49], "p90": cuts[89], "p95": cuts[94], "p99": cuts[98], "max": max(found)}
    told = "  ".join(f"{name} {value:.0f} ms" for name, value in figures.items())
    return f"{per_second:.0f} deliveries a second, {len(found)} measured, from the 202 to the row: {told}"


async def main(*, per_second: float, seconds: float) -> None:
    """Start everything, measure, and write the figures."""

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    async with open_stack(say=say) as stack, open_system(stack, say=say) as system:
        print(table(await measure(system, per_second=per_second, seconds=seconds), per_second=per_second))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-second", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(per_second=given.per_second, seconds=given.seconds))
