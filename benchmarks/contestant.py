"""A contestant as a process of its own: `python -m benchmarks.contestant NAME`, with what it is given as a JSON line.

A contestant is a module of this folder with `prepare`, which is not measured, and `run`, which is.
"""

import asyncio
import importlib
import logging
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
import uvloop

from benchmarks.given import Given, Stopwatch

Tell = Callable[[bytes], None]


async def _compete(contestant: Any, given: Given, tell: Tell) -> tuple[float, float]:
    await contestant.prepare(given)
    tell(b"prepared")
    await asyncio.to_thread(sys.stdin.readline)
    stopwatch = Stopwatch()
    await contestant.run(given, stopwatch)
    return stopwatch.read


def main(name: str) -> None:
    """Run the contestant, and print the seconds of the clock and of the processor."""
    tell = _quietly()
    given = msgspec.json.decode(sys.stdin.readline(), type=Given)
    contestant = importlib.import_module(f"benchmarks.{name}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        seconds, processor = runner.run(_compete(contestant, given, tell))
    tell(msgspec.json.encode({"seconds": seconds, "processor": processor}))


def _quietly() -> Tell:
    # Only what is measured goes to the standard output; what contestants say goes where a person sees it.
    output, sys.stdout = sys.stdout.buffer, sys.stderr
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

    def tell(line: bytes) -> None:
        output.write(line + b"\n")
        output.flush()

    return tell


if __name__ == "__main__":
    main(sys.argv[1])
