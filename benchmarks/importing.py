"""Importing: from deliveries in the inbox to events in the store, beside one save for each delivery."""

from dataclasses import replace

from benchmarks.course import Course, Entry
from benchmarks.given import Given
from benchmarks.ground import open_migrated
from benchmarks.measuring import Finding
from devstack.stack import Stack

KEY = "import"
OURS, LIBRARY = "Bookstream", "eventsourcing's Application, one save a delivery"
NOTE = (
    "Each delivery is a new guest and a new booking: a contact, an appointment and its owner. The project also settles "
    "the inbox in the same transaction; the baseline does not."
)


async def run(stack: Stack, course: Course, *, deliveries: int, singly: int) -> Finding:
    """Measure with so many deliveries, the baseline with `singly` of them. Raises Failed."""
    finding = Finding(key=KEY, title="Import: from the inbox to the event store", unit="deliveries", note=NOTE)
    async with open_migrated(stack) as own:
        course.say(f"import: {deliveries:,} deliveries")
        given = Given(database_url=own.database_url, bootstrap_servers=own.kafka_bootstrap_servers, events=deliveries)
        few = replace(given, events=singly)
        entries = [
            Entry(name=OURS, module="our_importer", role="project", given=given, against=LIBRARY),
            Entry(name=LIBRARY, module="baseline_saves", role="baseline", given=few),
        ]
        finding.series += await course.compare(entries)
    return finding
