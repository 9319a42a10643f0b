"""Catching up: from the topics to rows, beside the loop that one would write by hand, and what libraries offer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmarks.course import Course, Entry
from benchmarks.filling import Filling
from benchmarks.given import Given
from benchmarks.ground import open_migrated
from benchmarks.history import History
from benchmarks.measuring import Finding
from devstack.stack import Stack

KEY = "live"
NOTE = (
    "Rows and positions commit together, in the tables of the read models with all their indexes. The loop by hand is "
    "aiokafka, msgspec and unnest, without validation, dead letters, metrics or a consumer group. The last two take "
    "one event at a time, as their documentation shows it; the library's runner follows a log in PostgreSQL, not Kafka."
)
SCENES: Mapping[str, tuple[str, ...]] = {
    "appointments": ("appointments",),
    "contacts": ("contacts",),
    "both": ("appointments", "contacts"),
}
"""What is fed at once."""


async def run(
    stack: Stack, course: Course, *, events: int, singly: int, scenes: Sequence[str] = tuple(SCENES)
) -> Finding:
    """Measure with so many events on the topic of bookings; one at a time only `singly` of them. Raises Failed."""
    finding = Finding(key=KEY, title="Live catch-up: from the topics to committed rows", unit="events", note=NOTE)
    async with open_migrated(stack) as own:
        history = History.with_bookings(events)
        await Filling(own.kafka_bootstrap_servers, course.say).up_to(history)
        for scene in scenes:
            names = SCENES[scene]
            given = given_of(own, history, names)
            course.say(f"live catch-up, {scene}: {given.events:,} events")
            rows = {name: history.rows[name] for name in names}
            finding.series += await course.compare(_entries(scene, given, rows))
            if scene == "appointments":
                few = replace(given, events=min(singly, given.events))
                finding.series += await replace(course, warm_up=False).compare(_singly(few))
    return finding


def given_of(own: Stack, history: History, names: tuple[str, ...]) -> Given:
    """Return what a contestant needs to read a history for some projections."""
    return Given(
        database_url=own.database_url,
        bootstrap_servers=own.kafka_bootstrap_servers,
        names=names,
        events=sum(history.events[name] for name in names),
    )


def ours(scene: str) -> str:
    """Return the name of the project's series."""
    return f"{scene}: Bookstream"


def by_hand(scene: str) -> str:
    """Return the name of the series of the loop by hand."""
    return f"{scene}: loop by hand"


def raw(scene: str) -> str:
    """Return the name of the series that only reads."""
    return f"{scene}: raw read, the limit"


def _entries(scene: str, given: Given, rows: Mapping[str, int]) -> list[Entry]:
    hand = by_hand(scene)
    return [
        Entry(name=ours(scene), module="our_projector", role="project", given=given, against=hand, rows=rows),
        Entry(name=hand, module="baseline_loop", role="baseline", given=given, rows=rows),
        Entry(name=raw(scene), module="raw_read", role="limit", given=given, against=hand),
    ]


def _singly(few: Given) -> list[Entry]:
    hand = by_hand("appointments")
    named = {
        "FastStream and pydantic, one at a time": "baseline_faststream",
        "eventsourcing's ProjectionRunner": "baseline_runner",
    }
    return [
        Entry(name=f"appointments: {name}", module=module, role="baseline", given=few, against=hand)
        for name, module in named.items()
    ]
