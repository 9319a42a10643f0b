"""Deliveries taken over HTTP, beside FastAPI with one INSERT per request."""

import sys
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from benchmarks import baseline_intake
from benchmarks.course import Course
from benchmarks.ground import open_ground
from benchmarks.load import send_all
from benchmarks.measuring import Finding, Sample, Series
from benchmarks.processors import Servers, resident, used_by
from benchmarks.scene import Prepared, deliveries, prepare
from devstack.guardian import Order
from devstack.processes import Program, free_port, port_is_open, running
from devstack.stack import Stack
from devstack.system import System, open_system

KEY = "intake"
OURS, FASTAPI = "Bookstream", "FastAPI, one INSERT per request"
CONNECTIONS = 64
NOTE = (
    f"Signed deliveries over {CONNECTIONS} kept connections, answered 202 once they are on disk. What sends them "
    "shares the processors."
)


async def run(stack: Stack, course: Course, *, count: int) -> Finding:
    """Measure both in turns. Raises ProgramFailed, NotTaken."""
    course.say(f"intake: {count:,} deliveries a round")
    async with open_ground(stack) as own, open_system(own, say=course.say) as system:
        return await compare(system, course, count=count)


class NotTaken(Exception):
    """Deliveries were refused."""


async def compare(system: System, course: Course, *, count: int) -> Finding:
    """Measure both in turns, so that whatever else the machine does falls on both. Raises NotTaken."""
    prepared = await prepare(system)
    await _leave_intake_alone(system)
    ours, theirs = Series(name=OURS, role="project", against=FASTAPI), Series(name=FASTAPI, role="baseline")
    async with AsyncExitStack() as opened:
        port = free_port()
        baseline = await opened.enter_async_context(running("baseline", _baseline(system, port)))
        await baseline.ready(lambda: port_is_open(port), within=30)
        other = replace(prepared, signing_key=baseline_intake.KEY.decode())
        here = replace(system, ingest_url=f"http://127.0.0.1:{port}")
        for number in range(0 if course.warm_up else 1, course.rounds + 1):
            samples = (
                await _round(here, other, baseline, count),
                await _round(system, prepared, system.programs["ingest"], count),
            )
            if number:
                theirs.samples.append(samples[0])
                ours.samples.append(samples[1])
    return Finding(key=KEY, title="Intake: deliveries taken", unit="deliveries", note=NOTE, series=[ours, theirs])


async def _leave_intake_alone(system: System) -> None:
    """Stop all but the webhook: what is measured is taking deliveries, not what becomes of them."""
    for name in system.services:
        await system.programs[name].stop()
    system.services["ingest"] = (["ingest", "--only", "http"], system.ingest_url)
    await system.start("ingest")


def _baseline(system: System, port: int) -> Order:
    return Order(
        command=[sys.executable, "-m", "benchmarks.baseline_intake", str(port)],
        log=str(system.folder / "baseline.log"),
        environment=dict(system.environment) | {"PYTHONPATH": str(Path(__file__).parent.parent)},
    )


async def _round(system: System, prepared: Prepared, program: Program, count: int) -> Sample:
    _, requests = deliveries(system, prepared, count)
    host, _, port = system.ingest_url.removeprefix("http://").partition(":")
    database = Servers(postgres=_postgres(system), kafka=None)
    before, (stored_before, _), began = used_by(program.pid) or 0.0, database.used(), time.monotonic()
    answers = await send_all(host, int(port), requests, connections=CONNECTIONS)
    seconds, used, (stored, _) = time.monotonic() - began, (used_by(program.pid) or 0.0) - before, database.used()
    refused = sum(1 for one in answers if one.status != 202)
    if refused:
        raise NotTaken(f"{refused} of {count} deliveries were not taken")
    return Sample(
        events=count,
        seconds=seconds,
        program=used,
        postgres=None if stored is None or stored_before is None else stored - stored_before,
        peak=resident(program.pid),
    )


def _postgres(system: System) -> int | None:
    environment = system.environment
    servers = Servers.of(
        database_url=environment["DATABASE_URL"], bootstrap_servers=environment["KAFKA_BOOTSTRAP_SERVERS"]
    )
    return servers.postgres
