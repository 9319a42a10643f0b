"""All benchmarks, or those named: `python -m benchmarks [NAME ...]`. Tables go to the terminal and to docs/."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from benchmarks import growth, importing, intake, kept, latency, live, machine, rebuild
from benchmarks.course import Course, Failed
from benchmarks.ground import Occupied
from benchmarks.measuring import Finding
from benchmarks.read_models import Differs
from benchmarks.show import show
from devstack.stack import Stack, open_stack

DOCS = Path(__file__).parent.parent / "docs"
MILLION = 1_000_000

Run = Callable[[Stack], Awaitable[Finding]]


def say(line: str) -> None:
    """Tell of progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def benchmarks(given: argparse.Namespace) -> dict[str, Run]:
    """Return what can be measured, by name."""
    course, events = Course(rounds=given.rounds, say=say), given.events
    return {
        intake.KEY: lambda it: intake.run(it, course, count=4000),
        importing.KEY: lambda it: importing.run(it, course, deliveries=20_000, singly=1_500),
        live.KEY: lambda it: live.run(it, course, events=events, singly=2_000),
        rebuild.KEY: lambda it: rebuild.run(it, course, events=events),
        growth.KEY: lambda it: growth.run(it, course, sizes=given.sizes),
        latency.KEY: lambda it: latency.run(it, course, per_second=200, seconds=30, warm_up=30),
    }


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = ("intake", "import", "live", "rebuild", "growth", "latency")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(names)}; all of them when none is named")
    parser.add_argument("--rounds", type=int, default=3, help="rounds that are counted, after one that warms up")
    parser.add_argument(
        "--events", type=int, default=300_000, help="events on the topic of bookings, for live and rebuild"
    )
    parser.add_argument("--ten-million", action="store_true", help="let growth go on to ten million events")
    parser.add_argument("--into", type=Path, default=DOCS, help="the folder for the page, the plot and the figures")
    given = parser.parse_args()
    unknown = set(given.names) - set(names)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    given.sizes = [100_000, 300_000, MILLION, *([10 * MILLION] if given.ten_million else [])]
    return given


async def main(given: argparse.Namespace) -> None:
    """Measure, show each finding, and keep it. Raises Failed, Differs, Occupied."""
    async with open_stack(say=say) as stack:
        about = await machine.described(stack)
        for name, run in benchmarks(given).items():
            if given.names and name not in given.names:
                continue
            busy = machine.load()
            finding = await run(stack)
            finding.measured_at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load before it {busy}"
            show(finding)
            kept.keep(finding, folder=given.into, machine=about)


if __name__ == "__main__":
    # A topic that was just made has no leader yet: its first records are sent again, which is no news.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main(arguments()))
    except (Failed, Differs, Occupied) as failure:
        sys.exit(f"benchmarks: {failure}")
