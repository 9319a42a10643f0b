"""A deletion that is killed, raced or overtaken by a reselection (R18, R19)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, suppress
from typing import Any
from uuid import UUID

import pytest

from domain.recorded import Aggregate
from services.ingest.event_store import EventStore
from services.ingest.removing import loop
from services.ingest.removing.removals import Removals
from services.ingest.removing.remove_appointments import RemoveAppointments
from tests.integration.ingest.removing.conftest import Scene
from tests.support.scene import until

COUNT = 60


async def ordered(scene: Scene, *, count: int = COUNT, by: str | None = None) -> tuple[str, str, list[str]]:
    """Return a connection, a calendar whose deletion was just agreed on, and its invitees."""
    studio = scene.studio
    calendar = await studio.event_type("Intro call")
    connection = by or await studio.connected()
    await studio.select(connection, calendar)
    invitees = await scene.booked(connection, calendar, count)
    await studio.select(connection, removed={calendar: "delete"})
    return connection, calendar, invitees


async def stands_at(scene: Scene, calendar: str) -> tuple[int, int, str | None]:
    """Return how many are done, of how many, and the outcome."""
    order = await scene.order(calendar)
    assert order is not None
    return order["done"], order["total"], order["outcome"]


@pytest.fixture(autouse=True)
def told_or_never(monkeypatch: pytest.MonkeyPatch) -> None:
    # A loop that was not told would not finish a test in time.
    monkeypatch.setattr(loop, "LOOK_EVERY", 3600.0)


async def test_a_loop_at_rest_is_woken_by_the_vote(scene: Scene) -> None:
    async with scene.loop(batch=20) as running:
        task = asyncio.create_task(running.run())
        # given a loop that has finished one deletion and waits
        connection, first, _ = await ordered(scene, count=1)
        await until(lambda: _ended(scene, first), "the first deletion has ended")
        # when
        _, second, invitees = await ordered(scene, count=1, by=connection)
        # then
        await until(lambda: _ended(scene, second), "the second deletion has ended")
        await _cancelled(task)
    assert await scene.deletions(invitees) == {1: 1}


async def test_a_deletion_killed_between_batches_goes_on_where_it_was(scene: Scene) -> None:
    _, calendar, invitees = await ordered(scene)
    # given a loop that is killed when it has begun
    async with scene.loop(batch=1) as killed:
        task = asyncio.create_task(killed.run())
        await until(lambda: _begun(scene, calendar), "the deletion has begun")
        await _cancelled(task)
    done, _, outcome = await stands_at(scene, calendar)
    assert 0 < done < COUNT
    assert outcome is None
    # when another one starts
    async with scene.loop(batch=20) as another:
        task = asyncio.create_task(another.run())
        await until(lambda: _ended(scene, calendar), "the deletion has ended")
        await _cancelled(task)
    # then each appointment was deleted once
    assert await scene.deletions(invitees) == {1: COUNT}
    assert await stands_at(scene, calendar) == (COUNT, COUNT, "removed")


async def test_a_reselection_stops_a_deletion_and_what_was_deleted_stays_deleted(scene: Scene) -> None:
    # given a deletion that is halfway
    connection, calendar, invitees = await ordered(scene)
    remover = scene.remover(batch=25)
    assert await remover.one_round() == 25
    # when
    await scene.studio.select(connection, calendar)
    rounds = [await remover.one_round(), await remover.one_round()]
    # then
    assert rounds == [0, None]
    assert await stands_at(scene, calendar) == (25, COUNT, "stopped")
    assert await scene.deletions(invitees) == {1: 25, 0: COUNT - 25}


async def test_what_a_stopped_deletion_left_goes_with_the_next_agreement(scene: Scene) -> None:
    # given
    connection, calendar, invitees = await ordered(scene)
    await scene.remover(batch=25).one_round()
    await scene.studio.select(connection, calendar)
    # when it is agreed on again before anybody looked, with a booking more
    invitees += await scene.booked(connection, calendar, 1)
    await scene.studio.select(connection, removed={calendar: "delete"})
    await scene.remove_all()
    # then
    assert await scene.deletions(invitees) == {1: COUNT + 1}
    assert await stands_at(scene, calendar) == (COUNT - 25 + 1, COUNT - 25 + 1, "removed")


class Overtaken(Removals):
    """Lets something happen between the reading and the saving of the first batch."""

    def __init__(self, scene: Scene, connection: str, calendar: str) -> None:
        super().__init__(scene.studio.ingest.pool)
        self._between = [lambda: scene.studio.select(connection, calendar)]

    async def left(self, calendar_id: UUID, limit: int) -> list[UUID]:
        """Return what is left, after a reselection that the caller has not seen."""
        found = await super().left(calendar_id, limit)
        for step in self._between:
            assert (await step()).status_code == 200
        self._between = []
        return found


async def test_a_reselection_in_the_midst_of_a_batch_undoes_that_batch(scene: Scene) -> None:
    connection, calendar, invitees = await ordered(scene)
    remover = scene.remover(removals=Overtaken(scene, connection, calendar))
    # when the calendar is selected after the batch was read
    assert await remover.one_round() == 0
    # then
    assert await stands_at(scene, calendar) == (0, COUNT, None)
    assert await remover.one_round() == 0
    assert await stands_at(scene, calendar) == (0, COUNT, "stopped")
    assert await scene.deletions(invitees) == {0: COUNT}


class Outvoted(EventStore):
    """Lets a vote be saved between an import's decision and its saving."""

    vote: Callable[[], Awaitable[object]] | None = None

    async def save(self, aggregates: Iterable[Aggregate], **more: Any) -> None:
        """Save, after the vote that the caller has not seen."""
        vote, self.vote = self.vote, None
        if vote:
            await vote()
        await super().save(aggregates, **more)


async def test_a_booking_decided_before_the_vote_and_saved_after_it_is_not_left_behind(scene: Scene) -> None:
    # given
    calendar = await scene.studio.event_type("Intro call")
    connection = await scene.studio.connected()
    await scene.studio.select(connection, calendar)
    async with Outvoted.open(scene.database_url) as store:
        assert isinstance(store, Outvoted)
        store.vote = lambda: scene.studio.select(connection, removed={calendar: "delete"})
        # when
        await scene.delivered(connection, calendar, ["https://api.calendly.com/late"], store=store)
    await scene.remove_all()
    # then there never was an appointment that the deletion could have missed
    assert await scene.history(["https://api.calendly.com/late"]) == {"https://api.calendly.com/late": []}
    rows = await scene.studio.ingest.pool.fetch(
        "SELECT outcome, rule FROM ingest.inbox WHERE connection_id = $1", UUID(connection)
    )
    assert [tuple(row) for row in rows] == [("left_out", "R14")]
    assert await stands_at(scene, calendar) == (0, 0, "removed")


async def test_two_that_remove_at_once_delete_each_appointment_once(scene: Scene) -> None:
    _, calendar, invitees = await ordered(scene)
    async with AsyncExitStack() as opened:
        stores = [await opened.enter_async_context(EventStore.open(scene.database_url)) for _ in range(2)]
        removers = [scene.remover(batch=7, store=store) for store in stores]
        # when
        counts = await asyncio.gather(*(_to_the_end(one) for one in removers))
    # then
    assert await scene.deletions(invitees) == {1: COUNT}
    assert await stands_at(scene, calendar) == (COUNT, COUNT, "removed")
    assert sum(counts) == COUNT


async def test_several_deletions_advance_together(scene: Scene) -> None:
    # given a large one, and a small one agreed on later
    connection, large, _ = await ordered(scene)
    _, small, _ = await ordered(scene, count=5, by=connection)
    # when
    assert await scene.remover(batch=10).one_round() == 15
    # then
    assert await stands_at(scene, large) == (10, COUNT, None)
    assert await stands_at(scene, small) == (5, 5, None)


async def _to_the_end(remover: RemoveAppointments) -> int:
    total = 0
    while (removed := await remover.one_round()) is not None:
        total += removed
    return total


async def _begun(scene: Scene, calendar: str) -> bool:
    return (await stands_at(scene, calendar))[0] > 0


async def _ended(scene: Scene, calendar: str) -> bool:
    return (await stands_at(scene, calendar))[2] is not None


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
