"""Deliveries taken a second, beside FastAPI with one INSERT per request: `python -m benchmarks.intake [--rounds]`."""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks import baseline_intake
from benchmarks.load import send_all
from benchmarks.scene import Prepared, deliveries, prepare
from devstack.guardian import Order
from devstack.processes import Program, free_port, port_is_open, running
from devstack.stack import open_stack
from devstack.system import System, open_system

CONNECTIONS = 64


@dataclass
class Figures:
    """Requests a second, and microseconds of the program's processor time per request, one of each per round."""

    rates: list[float] = field(default_factory=list[float])
    micros: list[float] = field(default_factory=list[float])


async def compare(system: System, *, rounds: int, count: int) -> dict[str, Figures]:
    """Measure both in turns, so that whatever else the machine does falls on both."""
    prepared = await prepare(system)
    await _leave_intake_alone(system)
    async with AsyncExitStack() as opened:
        port = free_port()
        baseline = await opened.enter_async_context(running("baseline", _baseline(system, port)))
        await baseline.ready(lambda: port_is_open(port), within=30)
        other = replace(prepared, signing_key=baseline_intake.KEY.decode())
        here = replace(system, ingest_url=f"http://127.0.0.1:{port}")
        found = {"FastAPI, one INSERT per request": Figures(), "Bookstream": Figures()}
        for _ in range(rounds + 1):
            await _round(here, other, baseline, found["FastAPI, one INSERT per request"], count)
            await _round(system, prepared, system.programs["ingest"], found["Bookstream"], count)
    for figures in found.values():  # the first round warms up
        del figures.rates[0], figures.micros[0]
    return found


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


async def _round(system: System, prepared: Prepared, program: Program, figures: Figures, count: int) -> None:
    _, requests = deliveries(system, prepared, count)
    host, _, port = system.ingest_url.removeprefix("http://").partition(":")
    before, began = processor_seconds(program.pid), time.monotonic()
    answers = await send_all(host, int(port), requests, connections=CONNECTIONS)
    seconds, used = time.monotonic() - began, processor_seconds(program.pid) - before
    refused = sum(1 for one in answers if one.status != 202)
    if refused:
        raise RuntimeError(f"{refused} of {count} deliveries were not taken")
    figures.rates.append(count / seconds)
    figures.micros.append(used / count * 1e6)


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def table(found: dict[str, Figures]) -> Table:
    """Return the figures as a table; ratios are against the first row."""
    shown = Table(title=f"Intake over {CONNECTIONS} connections", title_justify="left")
    for column in ("program", "requests a second (median, range)", "microseconds of processor", "ratio"):
        shown.add_column(column)
    base = statistics.median(next(iter(found.values())).rates)
    for name, figures in found.items():
        shown.add_row(
            name, _range(figures.rates), _range(figures.micros), f"{statistics.median(figures.rates) / base:.1f}"
        )
    return shown


def _range(values: Sequence[float]) -> str:
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


async def main(*, rounds: int, count: int) -> None:
    """Start everything, measure, and show the table."""

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    async with open_stack(say=say) as stack, open_system(stack, say=say) as system:
        Console(width=140).print(table(await compare(system, rounds=rounds, count=count)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=4000)
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(rounds=given.rounds, count=given.count))
