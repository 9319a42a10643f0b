"""What a calendar that is selected again brings back (R8, R14, R15, R19)."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from domain import ids
from domain.booking import BookingDeleted
from services.ingest.reconciling.restores import Restores
from tests.integration.ingest.connections.conftest import Studio
from tests.integration.ingest.reconciling.conftest import Scene

RECONNECT = ("reconnect", "reconnect")
RECONCILIATION = ("reconciliation", "reconciliation")


async def deleted_then_selected_again(scene: Scene, studio: Studio, count: int) -> tuple[str, str, list]:
    """Return a calendar selected again, its connection, and bookings whose appointments were deleted."""
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    booked = [await scene.missed(calendar) for _ in range(count)]
    await scene.reconcile(connection)
    await studio.select(connection, removed={calendar: "delete"})
    await scene.remove_all()
    await studio.select(connection, calendar)
    return calendar, connection, booked


async def test_r15_upcoming_bookings_come_back_but_those_of_the_gap_and_those_that_were_kept(
    scene: Scene, studio: Studio
) -> None:
    # given
    calendar = await studio.event_type("Intro call")
    before = await scene.missed(calendar)
    connection = await studio.connected()
    await studio.select(connection, calendar)
    kept = await scene.missed(calendar)
    await scene.reconcile(connection)
    lost, canceled = await scene.missed(calendar), await scene.missed(calendar)
    await studio.admin.cancel(canceled.invitee, silently=True)
    await studio.select(connection, removed={calendar: "keep"})
    gap = await scene.missed(calendar)
    await studio.select(connection, calendar)
    new = await scene.missed(calendar)
    # when
    count = await scene.restore()
    # then
    assert count == 1
    assert await scene.via(lost) == [RECONNECT]
    assert await scene.via(kept) == [RECONCILIATION]
    for one in (before, gap, canceled, new):
        assert await scene.via(one) == []
    assert await scene.restores() == [{"outcome": "restored", "found": 5, "imported": 1}]


async def test_r19_what_was_deleted_comes_back_as_a_new_appointment(scene: Scene, studio: Studio) -> None:
    # given
    _, connection, (booked,) = await deleted_then_selected_again(scene, studio, 1)
    # when it is restored, and looked for again in every way
    await scene.restore()
    await scene.restore()
    await scene.reconcile(connection)
    # then
    assert await scene.via(booked) == [RECONCILIATION, RECONNECT]
    assert isinstance((await scene.events_of(scene.first_id(booked)))[-1], BookingDeleted)
    statement = "SELECT booking_id FROM ingest.bookings WHERE NOT deleted AND invitee_uri = $1"
    there = await scene.tools.pool.fetch(statement, booked.invitee)
    assert [one["booking_id"] for one in there] == [ids.next_booking_id(scene.first_id(booked))]


async def test_r19_deleted_twice_it_comes_back_as_a_third(scene: Scene, studio: Studio) -> None:
    calendar, connection, (booked,) = await deleted_then_selected_again(scene, studio, 1)
    await scene.restore()
    await studio.select(connection, removed={calendar: "delete"})
    await scene.remove_all()
    await studio.select(connection, calendar)
    await scene.restore()
    assert await scene.via(booked) == [RECONCILIATION, RECONNECT, RECONNECT]


async def test_r15_reconnecting_the_account_and_selecting_brings_back_too(scene: Scene, studio: Studio) -> None:
    # given an account that was disconnected with delete
    calendar = await studio.event_type("Intro call")
    first = await studio.connected()
    await studio.select(first, calendar)
    booked = await scene.missed(calendar)
    await scene.reconcile(first)
    await studio.call("DELETE", f"/{first}?synced_events=delete")
    await scene.remove_all()
    gap = await scene.missed(calendar)
    # when
    second = await studio.connected()
    await studio.select(second, calendar)
    await scene.restore()
    # then
    assert await scene.via(booked) == [RECONCILIATION, RECONNECT]
    assert await scene.via(gap) == []


async def test_forward_brings_nothing_back(scene: Scene, studio: Studio) -> None:
    _, connection, (booked,) = await deleted_then_selected_again(scene, studio, 1)
    forward = replace(scene.tools, reconnect_import="forward")
    assert await scene.restore(tools=forward) == 0
    await scene.reconcile(connection, tools=forward)
    assert await scene.via(booked) == [RECONCILIATION]
    assert await scene.restores() == [{"outcome": "forward", "found": 0, "imported": 0}]


async def test_the_first_selection_restores_nothing(scene: Scene, studio: Studio) -> None:
    calendar = await studio.event_type("Intro call")
    await studio.select(await studio.connected(), calendar)
    assert await scene.restores() == []


class Killed(Exception):
    """The process ends."""


async def test_an_interrupted_restoration_goes_on_without_doubles(scene: Scene, studio: Studio) -> None:
    # given a restoration that is killed after two of five
    _, _, booked = await deleted_then_selected_again(scene, studio, 5)

    class Killing:
        def __init__(self, calendly: object) -> None:
            self._calendly, self._left = calendly, 2

        def __getattr__(self, name: str) -> object:
            return getattr(self._calendly, name)

        async def invitees(self, event_uri: str) -> object:
            if not self._left:
                raise Killed
            self._left -= 1
            return await self._calendly.invitees(event_uri)  # type: ignore[attr-defined]

    with pytest.raises(Killed):
        await scene.restore(tools=scene.with_calendly(Killing), batch=1)
    assert await scene.restores() == [{"outcome": None, "found": 2, "imported": 2}]
    # when
    await scene.restore(batch=1)
    # then
    assert [await scene.via(one) for one in booked] == [[RECONCILIATION, RECONNECT]] * 5
    assert (await scene.restores())[0]["outcome"] == "restored"


async def test_comparing_leaves_to_a_restoration_what_is_its(scene: Scene, studio: Studio) -> None:
    # given a round robin that one user selects while another has it, after being away
    tomas = await studio.admin.user(studio.organization, "Tomas Berg")
    shared = await studio.event_type("Team call", owner=None, hosts=[studio.account, tomas], pooling_type="round_robin")
    mine = await studio.connected()
    await studio.select(mine, shared)
    his = await studio.connected(account=tomas, user_id=UUID(int=7))
    hosted_by_him = await scene.missed(shared, host=tomas.uri)
    await studio.select(his, shared)
    # when his account is compared before the restoration is done
    await scene.reconcile(his)
    assert await scene.via(hosted_by_him) == []
    await scene.restore()
    # then
    assert await scene.via(hosted_by_him) == [RECONNECT]


async def test_deselecting_stops_a_restoration(scene: Scene, studio: Studio) -> None:
    calendar, connection, (booked,) = await deleted_then_selected_again(scene, studio, 1)
    await studio.select(connection, removed={calendar: "keep"})
    assert await scene.restore() == 0
    assert await scene.via(booked) == [RECONCILIATION]
    assert [one["outcome"] for one in await scene.restores()] == ["stopped"]


async def test_restorations_and_comparisons_at_once_make_no_doubles(scene: Scene, studio: Studio) -> None:
    _, connection, booked = await deleted_then_selected_again(scene, studio, 6)
    orders = await Restores(scene.tools.pool).due(at=scene.tools.clock(), limit=100)
    assert len(orders) >= 1
    await asyncio.gather(scene.restore(batch=1), scene.reconcile(connection, batch=1))
    assert [await scene.via(one) for one in booked] == [[RECONCILIATION, RECONNECT]] * 6
