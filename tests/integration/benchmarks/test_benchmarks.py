"""Each benchmark runs, on real Kafka and PostgreSQL, with a few hundred events; what it finds is not judged."""

from collections.abc import AsyncIterator

import pytest

from benchmarks import growth, importing, intake, latency, live, rebuild
from benchmarks.course import Course
from benchmarks.ground import Occupied, open_ground, open_migrated
from benchmarks.measuring import Finding
from benchmarks.read_models import Differs, check
from devstack.stack import Stack
from devstack.system import System, open_system

EVENTS = 300
COURSE = Course(rounds=1, say=lambda _: None, warm_up=False)


@pytest.fixture(autouse=True)
def _without_topics(empty_kafka: str) -> None:
    """Benchmarks refuse a Kafka that holds the topics."""


@pytest.fixture(scope="module")
async def running_system(stack: Stack, empty_kafka: str) -> AsyncIterator[System]:
    async with open_ground(stack) as own, open_system(own, say=lambda _: None) as system:
        yield system


def measured(finding: Finding) -> list[str]:
    """The names of those that took time, of the clock and of the processor."""
    return [
        one.name for one in finding.series if all(s.seconds > 0 and s.program > 0 and s.peak > 0 for s in one.samples)
    ]


async def test_live_catch_up_is_measured_beside_all_its_baselines(stack: Stack) -> None:
    found = await live.run(stack, COURSE, events=EVENTS, singly=20, scenes=("appointments",))
    assert measured(found) == [
        "appointments: Bookstream",
        "appointments: loop by hand",
        "appointments: raw read, the limit",
        "appointments: FastStream and pydantic, one at a time",
        "appointments: eventsourcing's ProjectionRunner",
    ]


async def test_a_rebuild_is_measured_beside_the_raw_read(stack: Stack) -> None:
    found = await rebuild.run(stack, COURSE, events=EVENTS, names=("contacts",))
    assert measured(found) == ["contacts: Bookstream", "contacts: raw read, the limit"]


async def test_growth_is_measured_at_each_size(stack: Stack) -> None:
    found = await growth.run(stack, COURSE, sizes=[EVENTS])
    assert measured(found) == ["rebuild, 300 events", "live catch-up, 300 events"]


async def test_importing_is_measured_beside_one_save_a_delivery(stack: Stack) -> None:
    found = await importing.run(stack, COURSE, deliveries=100, singly=20)
    assert measured(found) == [importing.OURS, importing.LIBRARY]


async def test_rows_that_are_missing_are_found_out_and_a_kafka_in_use_is_refused(stack: Stack) -> None:
    async with open_migrated(stack) as own:
        with pytest.raises(Differs, match="appointments has 0 rows, and 1 were expected"):
            await check(own.database_url, {"appointments": 1})
        with pytest.raises(Occupied):
            async with open_ground(stack):
                pass


async def test_latency_is_measured(running_system: System) -> None:
    found = await latency.measure(running_system, per_second=50, seconds=1, warm_up=0.5)
    assert list(found.series[0].percentiles) == ["p50", "p90", "p95", "p99", "max"]


async def test_intake_is_measured_beside_its_baseline(running_system: System) -> None:
    found = await intake.compare(running_system, COURSE, count=100)
    assert measured(found) == [intake.OURS, intake.FASTAPI]
