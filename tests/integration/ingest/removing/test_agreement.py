"""Which appointments are removed, and why (R16 to R19)."""

from uuid import uuid4

from domain import ids
from domain.booking import BookingDeleted
from domain.recorded import Recorded
from tests.integration.ingest.connections.conftest import Studio
from tests.integration.ingest.removing.conftest import Scene


async def shared_by_two(studio: Studio) -> tuple[str, str, str]:
    """Return a shared calendar that two users have selected, and their connections."""
    tomas = await studio.admin.user(studio.organization, "Tomas Berg")
    shared = await studio.event_type("Team call", owner=None, hosts=[studio.account, tomas], pooling_type="round_robin")
    mine, his = await studio.connected(), await studio.connected(account=tomas, user_id=uuid4())
    for connection in (mine, his):
        await studio.select(connection, shared)
    return shared, mine, his


async def last_vote(scene: Scene, calendar: str) -> Recorded:
    """Return the newest event of a calendar."""
    calendar_id = ids.calendar_id(subaccount_id=scene.studio.subaccount, calendar_uri=calendar)
    return (await scene.studio.ingest.store.events_of([calendar_id]))[calendar_id][-1]


async def test_r17_deselecting_with_delete_removes_the_appointments_of_that_calendar_alone(
    scene: Scene, studio: Studio
) -> None:
    # given two calendars with appointments
    first, second = await studio.event_type("A call"), await studio.event_type("B call")
    connection = await studio.connected()
    await studio.select(connection, first, second)
    going, staying = await scene.booked(connection, first, 3), await scene.booked(connection, second, 2)
    # when
    await studio.select(connection, second, removed={first: "delete"})
    assert await scene.order(first) == {"reason": "calendar_deselected", "done": 0, "total": 3, "outcome": None}
    await scene.remove_all()
    # then
    assert await scene.deletions(going) == {1: 3}
    assert await scene.deletions(staying) == {0: 2}
    assert await scene.order(first) == {"reason": "calendar_deselected", "done": 3, "total": 3, "outcome": "removed"}
    assert await scene.order(second) is None


async def test_a_deletion_carries_the_reason_and_the_call_that_caused_it(scene: Scene, studio: Studio) -> None:
    # given
    calendar = await studio.event_type("A call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    (invitee,) = await scene.booked(connection, calendar, 1)
    # when
    await studio.select(connection, removed={calendar: "delete"})
    await scene.remove_all()
    # then
    deleted = (await scene.history([invitee]))[invitee][-1]
    assert isinstance(deleted, BookingDeleted)
    assert (deleted.reason, deleted.calendar_uri) == ("calendar_deselected", calendar)
    assert (deleted.cause, deleted.cause_id) == ("command", (await last_vote(scene, calendar)).cause_id)


async def test_r16_leaving_with_keep_removes_nothing(scene: Scene, studio: Studio) -> None:
    calendar = await studio.event_type("A call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    invitees = await scene.booked(connection, calendar, 2)
    await studio.select(connection, removed={calendar: "keep"})
    await scene.remove_all()
    assert await scene.order(calendar) is None
    assert await scene.deletions(invitees) == {0: 2}


async def test_r17_disconnecting_with_delete_removes_those_of_all_calendars_also_of_those_left_with_keep(
    scene: Scene, studio: Studio
) -> None:
    # given
    left, selected = await studio.event_type("A call"), await studio.event_type("B call")
    connection = await studio.connected()
    await studio.select(connection, left, selected)
    invitees = [*await scene.booked(connection, left, 2), *await scene.booked(connection, selected, 2)]
    await studio.select(connection, selected, removed={left: "keep"})
    # when
    await studio.call("DELETE", f"/{connection}?synced_events=delete")
    await scene.remove_all()
    # then
    assert await scene.deletions(invitees) == {1: 4}
    for calendar in (left, selected):
        assert await scene.order(calendar) == {
            "reason": "account_disconnected",
            "done": 2,
            "total": 2,
            "outcome": "removed",
        }


async def test_r18_appointments_of_a_shared_calendar_go_when_the_last_user_agrees(scene: Scene, studio: Studio) -> None:
    # given
    shared, mine, his = await shared_by_two(studio)
    invitees = await scene.booked(mine, shared, 3)
    # when one leaves with delete
    await studio.select(mine, removed={shared: "delete"})
    await scene.remove_all()
    # then they stay
    assert await scene.order(shared) is None
    assert await scene.deletions(invitees) == {0: 3}
    # when the other disconnects with delete
    await studio.call("DELETE", f"/{his}?synced_events=delete")
    await scene.remove_all()
    # then they go, and the reason is that of the last vote
    assert await scene.deletions(invitees) == {1: 3}
    assert await scene.order(shared) == {"reason": "account_disconnected", "done": 3, "total": 3, "outcome": "removed"}


async def test_r18_one_who_left_with_keep_holds_them_until_the_choice_is_changed(scene: Scene, studio: Studio) -> None:
    # given
    shared, mine, his = await shared_by_two(studio)
    invitees = await scene.booked(mine, shared, 2)
    await studio.select(mine, removed={shared: "keep"})
    # when
    await studio.select(his, removed={shared: "delete"})
    await scene.remove_all()
    # then
    assert await scene.deletions(invitees) == {0: 2}
    # when the choice is changed
    await studio.select(mine, removed={shared: "delete"})
    await scene.remove_all()
    # then
    assert await scene.deletions(invitees) == {1: 2}


async def test_r19_a_redelivered_booking_that_was_deleted_stays_deleted(scene: Scene, studio: Studio) -> None:
    # given a deleted appointment, and its calendar selected again
    calendar = await studio.event_type("A call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    (invitee,) = await scene.booked(connection, calendar, 1)
    await studio.select(connection, removed={calendar: "delete"})
    await scene.remove_all()
    await studio.select(connection, calendar)
    before = await scene.history([invitee])
    # when
    await scene.delivered(connection, calendar, [invitee])
    # then
    assert await scene.history([invitee]) == before
    outcomes = "SELECT outcome, rule FROM ingest.inbox WHERE invitee_uri = $1 ORDER BY seq"
    rows = await studio.ingest.pool.fetch(outcomes, invitee)
    assert [tuple(row) for row in rows] == [("imported", "R4"), ("ignored", "R19")]


async def test_the_same_choice_again_orders_nothing_anew(scene: Scene, studio: Studio) -> None:
    calendar = await studio.event_type("A call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    await scene.booked(connection, calendar, 1)
    await studio.select(connection, removed={calendar: "delete"})
    await scene.remove_all()
    before = await scene.order(calendar)
    assert (await studio.select(connection, removed={calendar: "delete"})).status_code == 200
    assert await scene.order(calendar) == before
    assert await scene.remover().one_round() is None


async def test_bookings_of_other_subaccounts_are_untouched(scene: Scene, studio: Studio) -> None:
    # given one calendar of Calendly's in two subaccounts, each by an account of its own
    tomas = await studio.admin.user(studio.organization, "Tomas Berg")
    shared = await studio.event_type("Team call", owner=None, hosts=[studio.account, tomas], pooling_type="round_robin")
    mine = await studio.connected()
    await studio.select(mine, shared)
    elsewhere = Scene(
        studio=Studio(
            ingest=studio.ingest, admin=studio.admin, organization=studio.organization, account=tomas, user_id=uuid4()
        ),
        database_url=scene.database_url,
    )
    theirs = await elsewhere.studio.connected()
    await elsewhere.studio.select(theirs, shared)
    invitees = await scene.booked(mine, shared, 2)
    await elsewhere.delivered(theirs, shared, invitees)
    # when
    await studio.select(mine, removed={shared: "delete"})
    await scene.remove_all()
    # then
    assert await scene.deletions(invitees) == {1: 2}
    assert await elsewhere.deletions(invitees) == {0: 2}
