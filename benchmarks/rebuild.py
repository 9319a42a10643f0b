"""Rebuilding a projection from zero, beside reading the same topic and doing nothing with it."""

from collections.abc import Sequence

from benchmarks.course import Course, Entry
from benchmarks.filling import Filling
from benchmarks.ground import open_migrated
from benchmarks.history import History
from benchmarks.live import given_of
from benchmarks.measuring import Finding
from devstack.stack import Stack

KEY = "rebuild"
NAMES = ("appointments", "contacts")
NOTE = (
    "Into a new version of the tables, all rows, constraints and indexes written; the workers' start is in the time. "
    "The raw read is one process, aiokafka's getmany, of the same topic."
)


async def run(stack: Stack, course: Course, *, events: int, names: Sequence[str] = NAMES) -> Finding:
    """Measure with so many events on the topic of bookings. Raises Failed."""
    finding = Finding(key=KEY, title="Rebuild: from offset zero to a new version", unit="events", note=NOTE)
    async with open_migrated(stack) as own:
        history = History.with_bookings(events)
        await Filling(own.kafka_bootstrap_servers, course.say).up_to(history)
        for name in names:
            course.say(f"rebuild {name}: {history.events[name]:,} events")
            given = given_of(own, history, (name,))
            entries = [
                Entry(
                    name=f"{name}: Bookstream",
                    module="our_rebuild",
                    role="project",
                    given=given,
                    against=f"{name}: raw read, the limit",
                    rows={name: history.rows[name]},
                ),
                Entry(name=f"{name}: raw read, the limit", module="raw_read", role="limit", given=given),
            ]
            finding.series += await course.compare(entries)
    return finding
