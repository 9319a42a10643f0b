"""Whether time grows as the number of events does, and memory not at all."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.course import Course, Entry
from benchmarks.filling import Filling
from benchmarks.ground import open_migrated
from benchmarks.history import History
from benchmarks.live import given_of
from benchmarks.measuring import Finding
from devstack.stack import Stack

KEY = "growth"
NOTE = "Appointments only. The ratio is against the smallest number of events: 1 is time that grows as the events do."
WORKS = {"rebuild": "our_rebuild", "live catch-up": "our_projector"}


async def run(stack: Stack, course: Course, *, sizes: Sequence[int]) -> Finding:
    """Measure at each of the sizes, smallest first: events on the topic of bookings. Raises Failed."""
    finding = Finding(key=KEY, title="Growth: catch-up and rebuild by number of events", unit="events", note=NOTE)
    async with open_migrated(stack) as own:
        filling = Filling(own.kafka_bootstrap_servers, course.say)
        for size in sorted(sizes):
            history = History.with_bookings(size)
            await filling.up_to(history)
            course.say(f"growth: {size:,} events")
            given, rows = given_of(own, history, ("appointments",)), {"appointments": history.rows["appointments"]}
            entries = [
                Entry(
                    name=series_name(work, size),
                    module=module,
                    role="project",
                    given=given,
                    against=series_name(work, min(sizes)),
                    rows=rows,
                )
                for work, module in WORKS.items()
            ]
            finding.series += await replace(course, warm_up=course.warm_up and size == min(sizes)).compare(entries)
    return finding


def series_name(work: str, size: int) -> str:
    """Return the name of the series of a size."""
    return f"{work}, {size:,} events"
