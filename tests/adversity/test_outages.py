"""A Kafka or a Calendly that is away for long: nothing is lost, and all of it comes by itself afterwards (R4, R23)."""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from devstack.processes import Program
from devstack.stack import Stack
from devstack.system import System, open_system, run_command
from tests.support.databases import empty_database
from tests.support.own_kafka import OwnKafka, own_kafka
from tests.support.scene import Scene, until

BOOKINGS, MISSED = 300, 30
MOST_LINES = 20
"""Lines that a service may log in one second of an outage."""


@pytest.fixture(scope="module")
async def kafka(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OwnKafka]:
    """A broker of its own: others need theirs."""
    async with own_kafka(tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.fixture(scope="module")
async def system(stack: Stack, kafka: OwnKafka) -> AsyncIterator[System]:
    """A system on that broker, which compares with Calendly every two seconds."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RECONCILE_EVERY", "2")
        async with _on(stack, kafka) as opened:
            yield opened


@asynccontextmanager
async def _on(stack: Stack, kafka: OwnKafka) -> AsyncIterator[System]:
    async with empty_database(stack.database_url) as database_url:
        own = replace(stack, database_url=database_url, kafka_bootstrap_servers=kafka.address)
        async with open_system(own, say=lambda _: None, relay_apart=True) as opened:
            yield opened


@pytest.fixture
async def calendar(scene: Scene) -> str:
    """A calendar that is selected."""
    organization = await scene.admin.organization()
    account = await scene.admin.user(organization, "Ingrid Solheim")
    calendar = await scene.admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
    await scene.connected(account, calendar)
    return calendar


def failing(url: str, *names: str) -> Callable[[], Any]:
    """Return a condition: a service is not ready and names these reasons."""

    async def condition() -> bool:
        async with httpx2.AsyncClient(timeout=10) as http:
            answer = await http.get(f"{url}/readyz")
        return answer.status_code == 503 and set(answer.json()["failing"]) == set(names)

    return condition


async def ready(url: str) -> bool:
    """Tell whether a service is ready."""
    async with httpx2.AsyncClient(timeout=10) as http:
        return (await http.get(f"{url}/readyz")).status_code == 200


def busiest_second(log: Path, *, since: int) -> int:
    """Return how many lines a service logged in its busiest second, since so many bytes of its log."""
    with log.open("rb") as lines:
        lines.seek(since)
        seconds = Counter(_second(line) for line in lines)
    return max(seconds.values(), default=0)


def _second(line: bytes) -> str:
    try:
        return json.loads(line)["timestamp"][:19]
    except (ValueError, KeyError):
        return "a line of another form"


@contextmanager
def calm_logs(system: System) -> Iterator[None]:
    """Fail where a service logged a storm meanwhile."""
    logs = {name: system.folder / f"{name}.log" for name in system.services}
    before = {name: log.stat().st_size for name, log in logs.items()}
    yield
    found = {name: busiest_second(log, since=before[name]) for name, log in logs.items()}
    assert {name: count for name, count in found.items() if count > MOST_LINES} == {}


@contextmanager
def stopped(program: Program) -> Iterator[None]:
    """Let a program stand still: its connections stay open, and nothing is answered."""
    os.kill(program.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(program.pid, signal.SIGCONT)


def test_a_storm_in_a_log_is_seen(tmp_path: Path) -> None:
    line = json.dumps({"event": "relay interrupted", "timestamp": "2026-11-24T09:00:00.100Z"}) + "\n"
    (tmp_path / "storm.log").write_text("before\n" + line * 30 + "Traceback\n")
    assert busiest_second(tmp_path / "storm.log", since=7) == 30


@pytest.mark.timeout(200)
async def test_while_kafka_and_calendly_are_away_nothing_is_lost_and_afterwards_all_comes_by_itself(
    system: System, scene: Scene, calendar: str, kafka: OwnKafka
) -> None:
    services = {name: url for name, (_, url) in system.services.items()}
    with calm_logs(system):
        # Given a broker that is killed, bookings that are delivered meanwhile, and some whose deliveries never come
        kafka.kill()
        await scene.admin.book(calendar, count=MISSED, silently=True)
        await scene.admin.book(calendar, count=BOOKINGS, per_second=100)
        await until(lambda: _imported(scene), "what was delivered is stored and imported without Kafka")
        # When Calendly answers nothing any more either
        with stopped(system.programs["calendly"]):
            # Then who needs Kafka says so, deliveries can be taken, and comparisons that are due find nothing
            await until(failing(services["relay"], "relay"), "the relay is not ready")
            await until(failing(services["projector"], "kafka"), "the projector is not ready")
            assert await ready(services["ingest"])
            assert (await _known(scene), await scene.count()) == (BOOKINGS, 0)
            # When both are back
            await kafka.start()
        await until(lambda: _whole(scene), "all arrived by themselves")
    # Then all are ready, each booking is an appointment by the way that was left, each event on its topic once
    for url in services.values():
        await until(lambda url=url: ready(url), "the service is ready again")
    events = await scene.on_topics()
    ways = Counter(one.data["via"] for one in events if one.type == "BookingImported")
    assert ways == {"webhook": BOOKINGS, "reconciliation": MISSED}
    assert len({one.id for one in events}) == len(events)
    told = await asyncio.to_thread(run_command, ["audit"], system.environment)
    assert {json.loads(line)["kind"] for line in told.splitlines()} == {"account"}


async def _imported(scene: Scene) -> bool:
    statement = "SELECT count(*) FROM ingest.inbox WHERE outcome = 'imported'"
    return await scene.database.fetchval(statement) == BOOKINGS


async def _whole(scene: Scene) -> bool:
    return await scene.count() == BOOKINGS + MISSED and await scene.has_caught_up()


async def _known(scene: Scene) -> int:
    return await scene.database.fetchval("SELECT count(*) FROM ingest.bookings")
