"""Deliveries that come ten times, or in reverse order, give the same rows as once and in order (R4, R9, R10)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devstack.system import System
from tests.support.scene import Scene, until

GUESTS = [("Ada", "ada@guest.example"), ("Bo", "bo@guest.example")]
FIRST_BOOKED = datetime.now(UTC) + timedelta(hours=1)
STARTS = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


async def rows_after(scene: Scene, *, times: int, order: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Book ten times for two guests, deliver as said, and return what can be compared of the rows."""
    organization = await scene.admin.organization()
    account = await scene.admin.user(organization, "Ingrid Solheim")
    calendar = await scene.admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
    await scene.connected(account, calendar)
    await scene.admin.behave(hold=True, times=times)
    for number in range(10):
        await scene.admin.book(
            calendar,
            GUESTS[number % 2],
            start_time=(STARTS + number * timedelta(hours=1)).isoformat(),
            created_at=(FIRST_BOOKED + number * timedelta(seconds=1)).isoformat(),
        )
    await scene.admin.release(order=order)
    await scene.admin.behave()
    await until(scene.has_caught_up, "everything was projected")
    return await comparable(scene)


async def comparable(scene: Scene) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return rows without what must differ between two subaccounts: ids, and when they were imported."""
    appointments, contacts = await scene.appointments(), await scene.contacts()
    people = {one["id"]: one["email"] for one in contacts}
    starts = {one["id"]: one["starts_at"] for one in appointments}
    kept = ("title", "starts_at", "ends_at", "source", "status", "booked_at", "via", "calendar_name", "calendar_kind")
    return (
        [{name: one[name] for name in kept} | {"guest": people[one["contact_id"]]} for one in appointments],
        [
            {"email": one["email"], "name": one["name"], "count": one["appointment_count"]}
            | {"latest": starts[one["latest_appointment_id"]]}
            for one in contacts
        ],
    )


@pytest.mark.parametrize(("times", "order"), [(10, "oldest first"), (1, "newest first"), (10, "newest first")])
async def test_the_rows_are_those_of_one_delivery_each_in_order(system: System, times: int, order: str) -> None:
    # Given ten bookings, delivered once and in order
    async with Scene.open(system) as plain:
        expected = await rows_after(plain, times=1, order="oldest first")
    # When the like are delivered several times, or in reverse
    async with Scene.open(system) as disturbed:
        found = await rows_after(disturbed, times=times, order=order)
        events = await disturbed.on_topics()
    # Then the rows are the same: ten appointments, two contacts whose latest is the one booked last
    assert found == expected
    assert len(found[0]) == 10
    assert [one["latest"] for one in found[1]] == [STARTS + timedelta(hours=8), STARTS + timedelta(hours=9)]
    assert [one.type for one in events].count("BookingImported") == 10
