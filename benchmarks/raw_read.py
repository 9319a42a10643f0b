"""The limit: reading the same topics with aiokafka, and doing nothing with what is read."""

from benchmarks.given import Given, Stopwatch
from benchmarks.reading import open_reader


async def prepare(_: Given) -> None:
    """Do nothing."""


async def run(given: Given, stopwatch: Stopwatch) -> None:
    """Read everything."""
    read = 0
    async with open_reader(given) as consumer:
        while read < given.events:
            batches = await consumer.getmany(timeout_ms=500, max_records=5000)
            read += sum(map(len, batches.values()))
        stopwatch.stop()
