"""What no delivery told of is found and imported, and nothing else (R4, R8, R13, R14, R19)."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from services.ingest.calendly.errors import Unavailable
from services.ingest.reconciling.alone import Busy, alone
from tests.integration.ingest.connections.conftest import Studio
from tests.integration.ingest.reconciling.conftest import Scene, by_invitee


class Counting:
    """Calendly, and how often it was asked for invitees; it fails when `left` is used up."""

    def __init__(self, calendly: object, *, left: int = 1000) -> None:
        self._calendly = calendly
        self.left = left
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._calendly, name)

    async def invitees(self, event_uri: str) -> object:
        if not self.left:
            raise Unavailable("the token's limit is used up", wait=60)
        self.left -= 1
        self.asked.append(event_uri)
        return await self._calendly.invitees(event_uri)  # type: ignore[attr-defined]


async def test_r4_what_was_missed_is_imported_by_reconciliation(scene: Scene, studio: Studio) -> None:
    # given
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    booked = await scene.missed(calendar)
    # when
    decisions = await scene.reconcile(connection)
    # then
    assert by_invitee(decisions) == {booked.invitee: ("imported", "R4")}
    assert await scene.via(booked) == [("reconciliation", "reconciliation")]


async def test_every_other_booking_stays_out_by_its_rule_and_a_dry_run_says_which(scene: Scene, studio: Studio) -> None:
    # given bookings from before, of each span, of the gap, of other calendars, and one that was canceled
    calendar, other, left = [await studio.event_type(name) for name in ("Intro call", "Other call", "Left call")]
    before = await scene.missed(calendar)
    connection = await studio.connected()
    unselected = await scene.missed(calendar)
    await studio.select(connection, calendar, left)
    known = await scene.missed(calendar)
    await scene.reconcile(connection)
    earlier = await scene.missed(calendar)
    await studio.select(connection, removed={calendar: "keep", left: "keep"})
    gap, of_left, of_other = [await scene.missed(one) for one in (calendar, left, other)]
    await studio.select(connection, calendar)
    canceled, missed = await scene.missed(calendar), await scene.missed(calendar)
    await studio.admin.cancel(canceled.invitee, silently=True)
    # when
    would = await scene.would_reconcile(connection)
    # then
    assert would == {
        before.invitee: ("left_out", "R8"),
        unselected.invitee: ("left_out", "R13"),
        known.invitee: ("duplicate", "R4"),
        earlier.invitee: ("left_out", "R15"),
        gap.invitee: ("left_out", "R14"),
        of_left.invitee: ("left_out", "R14"),
        of_other.invitee: ("left_out", "R3"),
        canceled.invitee: ("left_out", "R7"),
        missed.invitee: ("imported", "R4"),
    }
    assert await scene.via(missed) == []
    # and what is done is what was said
    await scene.reconcile(connection)
    assert await scene.via(missed) == [("reconciliation", "reconciliation")]
    for one in (before, unselected, earlier, gap, of_left, of_other, canceled):
        assert await scene.via(one) == []


async def test_what_has_not_changed_is_not_asked_for_again(scene: Scene, studio: Studio) -> None:
    # given a group event that was compared
    group = await studio.event_type("Group call", kind="group", limit=5)
    connection = await studio.connected()
    await studio.select(connection, group)
    first, alone_ = await scene.missed(group), await scene.missed(group)
    await scene.reconcile(connection)
    # when one more guest joins
    second = await scene.missed(group, event=first.event)
    wrapped: list[Counting] = []
    tools = scene.with_calendly(lambda it: wrapped.append(Counting(it)) or wrapped[-1])
    decisions = await scene.reconcile(connection, tools=tools)
    # then
    assert wrapped[0].asked == [first.event]
    assert alone_.event != first.event
    assert by_invitee(decisions) == {first.invitee: ("duplicate", "R4"), second.invitee: ("imported", "R4")}


async def test_a_booking_so_young_that_its_delivery_may_be_on_the_way_is_left_to_the_next_pass(
    scene: Scene, studio: Studio
) -> None:
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    booked = await scene.missed(calendar)
    assert await scene.reconcile(connection, grace=timedelta(minutes=1)) == []
    assert by_invitee(await scene.reconcile(connection)) == {booked.invitee: ("imported", "R4")}


async def test_an_interrupted_pass_goes_on_where_it_was(scene: Scene, studio: Studio) -> None:
    # given a pass for which the rate limit ends after two of five events
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    booked = [await scene.missed(calendar) for _ in range(5)]
    limited = scene.with_calendly(lambda it: Counting(it, left=2))
    with pytest.raises(Unavailable):
        await scene.reconcile(connection, tools=limited, batch=1)
    assert [bool(await scene.via(one)) for one in booked] == [True, True, False, False, False]
    # when
    wrapped: list[Counting] = []
    tools = scene.with_calendly(lambda it: wrapped.append(Counting(it)) or wrapped[-1])
    await scene.reconcile(connection, tools=tools)
    # then each is there once, and the first two were not asked for again
    assert wrapped[0].asked == [one.event for one in booked[2:]]
    assert [await scene.via(one) for one in booked] == [[("reconciliation", "reconciliation")]] * 5


async def test_two_processes_never_compare_the_same_connection_at_once(scene: Scene, studio: Studio) -> None:
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    row = await scene.row(connection)
    async with alone(scene.tools.pool, "reconcile", row.id):
        with pytest.raises(Busy):
            await scene.reconcile(connection)
    assert await scene.reconcile(connection) == []


async def test_two_users_of_a_shared_calendar_find_the_same_booking_once(scene: Scene, studio: Studio) -> None:
    # given a collective calendar that two users have selected
    tomas = await studio.admin.user(studio.organization, "Tomas Berg")
    shared = await studio.event_type("Team call", owner=None, hosts=[studio.account, tomas], pooling_type="collective")
    mine = await studio.connected()
    his = await studio.connected(account=tomas, user_id=studio.subaccount)
    for connection in (mine, his):
        await studio.select(connection, shared)
    booked = [await scene.missed(shared) for _ in range(4)]
    await scene.restore()
    # when both are compared at once
    await asyncio.gather(scene.reconcile(mine, batch=1), scene.reconcile(his, batch=1))
    # then
    assert [await scene.via(one) for one in booked] == [[("reconciliation", "reconciliation")]] * 4


async def test_a_shared_calendars_booking_with_a_host_who_is_not_connected_is_found_where_the_token_may_list_it(
    scene: Scene, studio: Studio
) -> None:
    # given a round robin that an admin and a plain user have selected, and a third user hosts too
    tomas = await studio.admin.user(studio.organization, "Tomas Berg")
    astrid = await studio.admin.user(studio.organization, "Astrid Lie", role="admin")
    hosts = [studio.account, tomas, astrid]
    shared = await studio.event_type("Team call", owner=None, hosts=hosts, pooling_type="round_robin")
    plain = await studio.connected()
    leading = await studio.connected(account=astrid, user_id=uuid4())
    for connection in (plain, leading):
        await studio.select(connection, shared)
    hosted_by_tomas = await scene.missed(shared, host=tomas.uri)
    # when
    of_plain, of_leading = await scene.reconcile(plain), await scene.reconcile(leading)
    # then
    assert by_invitee(of_plain) == {}
    assert by_invitee(of_leading) == {hosted_by_tomas.invitee: ("imported", "R4")}
