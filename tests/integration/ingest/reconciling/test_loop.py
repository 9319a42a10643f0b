"""Comparing and restoring at work: by themselves, through outages and rate limits, and on command."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry

from services.ingest.notices import listen
from services.ingest.reconciling.loop import ReconcileLoop
from tests.integration.ingest.connections.conftest import Studio
from tests.integration.ingest.reconciling.conftest import Scene
from tests.support.calendly import StandIn
from tests.support.commands import OWN_SETTINGS, bookstream

RECONCILIATION = ("reconciliation", "reconciliation")
DEADLINE = 20.0


@asynccontextmanager
async def at_work(scene: Scene, database_url: str, *, every: float = 0.2) -> AsyncIterator[CollectorRegistry]:
    """Compare and restore as long as the context lasts."""
    registry = CollectorRegistry()
    async with listen(database_url, "restores") as notices:
        loop = ReconcileLoop(scene.tools, notices, registry, every=timedelta(seconds=every), grace=timedelta())
        task = asyncio.create_task(loop.run())
        try:
            yield registry
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def comes_true(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_r4_what_was_missed_is_found_by_itself(scene: Scene, studio: Studio, database_url: str) -> None:
    # given
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    async with at_work(scene, database_url) as registry:
        # when
        missed = await scene.missed(calendar)
        # then
        await comes_true(lambda: scene.via(missed))
        assert await scene.via(missed) == [RECONCILIATION]
        await comes_true(lambda: counted(registry, "bookstream_reconciled_total", 1))


async def test_r15_a_calendar_selected_again_is_restored_by_itself(
    scene: Scene, studio: Studio, database_url: str
) -> None:
    # given appointments that were deleted
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    booked = await scene.missed(calendar)
    await scene.reconcile(connection)
    await studio.select(connection, removed={calendar: "delete"})
    await scene.remove_all()
    async with at_work(scene, database_url, every=300) as registry:
        # when
        await studio.select(connection, calendar)
        # then
        await comes_true(lambda: counted(registry, "bookstream_restored_total", 1))
        assert await scene.via(booked) == [RECONCILIATION, ("reconnect", "reconnect")]


async def test_after_an_outage_of_calendly_it_catches_up(scene: Scene, studio: Studio, database_url: str) -> None:
    # given a Calendly that answers nothing about bookings
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    missed = await scene.missed(calendar)
    await studio.admin.order("outage", path="/scheduled_events")
    async with at_work(scene, database_url):
        await comes_true(lambda: put_off(scene, connection))
        assert await scene.via(missed) == []
        # when
        await studio.admin.order("outage", path="/scheduled_events", calls=0)
        # then
        await comes_true(lambda: scene.via(missed))
        assert await scene.via(missed) == [RECONCILIATION]


async def test_a_connection_whose_token_is_refused_does_not_hold_up_the_others(
    scene: Scene, studio: Studio, database_url: str
) -> None:
    # given
    tomas = await studio.admin.user(studio.organization, "Tomas Berg")
    mine, his = await studio.connected(), await studio.connected(account=tomas, user_id=uuid4())
    calendar = await studio.event_type("Intro call")
    of_tomas = await studio.admin.event_type(studio.organization, "His call", owner=tomas.uri, hosts=[tomas])
    await studio.select(mine, calendar)
    await studio.select(his, of_tomas)
    missed, his_missed = await scene.missed(calendar), await scene.missed(of_tomas)
    # when
    await studio.admin.order("token_faults", token=studio.account.token, fault="The access token was revoked")
    # then
    async with at_work(scene, database_url):
        await comes_true(lambda: scene.via(his_missed))
        await comes_true(lambda: put_off(scene, mine))
        assert await scene.via(missed) == []


async def test_on_command_it_says_what_it_would_do_and_then_does_it(
    scene: Scene, studio: Studio, database_url: str, stand_in: StandIn
) -> None:
    # given
    settings = {
        **OWN_SETTINGS,
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
        "CALENDLY_API_URL": stand_in.url,
        "SECRETS_KEY": base64.b64encode(b"k" * 32).decode(),
    }
    calendar = await studio.event_type("Intro call")
    before = await scene.missed(calendar)
    connection = await studio.connected()
    await studio.select(connection, calendar)
    missed = await scene.missed(calendar)
    command = ("reconcile", "--connection", connection)
    # when
    dry = await bookstream(*command, "--dry-run", settings=settings)
    # then
    would = {one["invitee_uri"]: (one["outcome"], one["rule"]) for one in map(json.loads, dry.out.splitlines())}
    assert (dry.code, would) == (
        0,
        {before.invitee: ("left_out", "R8"), missed.invitee: ("would_import", "R4")},
    )
    assert await scene.via(missed) == []
    # when
    done = await bookstream(*command, settings=settings)
    # then
    (line,) = map(json.loads, done.out.splitlines())
    assert (done.code, line["invitee_uri"], line["outcome"]) == (0, missed.invitee, "imported")
    assert line["appointment_id"] == str(scene.first_id(missed))
    assert await scene.via(missed) == [RECONCILIATION]


async def test_a_command_for_a_connection_that_is_not_there_says_so(database_url: str) -> None:
    settings = {**OWN_SETTINGS, "DATABASE_URL": database_url, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"}
    nowhere = str(uuid4())
    ended = await bookstream("reconcile", "--connection", nowhere, settings=settings)
    assert ended.code == 1
    assert f"There is no connection {nowhere}, or it is not connected." in ended.err


async def counted(registry: CollectorRegistry, name: str, least: int) -> bool:
    return (registry.get_sample_value(name) or 0) >= least


async def put_off(scene: Scene, connection: str) -> bool:
    """Tell whether a pass was begun and put off."""
    statement = "SELECT next_at > began_at AND finished_at IS NULL FROM ingest.reconciliations WHERE connection_id = $1"
    return bool(await scene.tools.pool.fetchval(statement, UUID(connection)))
