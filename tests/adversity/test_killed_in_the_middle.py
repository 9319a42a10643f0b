"""A part that is killed in the middle of 1,000 bookings loses nothing and doubles nothing (R4, R23)."""

from collections import Counter

import pytest

from devstack.system import System
from tests.support.scene import Scene, until

BOOKINGS = 1000


@pytest.mark.timeout(240)
@pytest.mark.parametrize("part", ["ingest", "relay", "projector"])
async def test_a_killed_part_starts_again_and_ends_with_exactly_the_bookings_made(
    system: System, scene: Scene, part: str
) -> None:
    # Given a selected calendar
    organization = await scene.admin.organization()
    account = await scene.admin.user(organization, "Ingrid Solheim")
    calendar = await scene.admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
    await scene.connected(account, calendar)

    # When the part is killed while bookings come in, and started again
    await scene.admin.book(calendar, count=BOOKINGS, per_second=250)

    async def some_arrived() -> bool:
        return await scene.count() >= BOOKINGS // 5

    await until(some_arrived, "a fifth of the bookings arrived")
    killed_at = await scene.count()
    system.programs[part].kill()
    await system.start(part)
    await until(scene_is_whole(scene), "all bookings arrived and nothing waits any more")

    # Then it was in the middle, and each booking is one appointment, each event once on its topic
    assert killed_at < BOOKINGS
    assert await scene.count() == BOOKINGS
    events = await scene.on_topics()
    kinds = Counter(one.type for one in events)
    assert kinds["BookingImported"] == kinds["OwnerAssigned"] == BOOKINGS
    assert len({one.id for one in events}) == len(events)
    assert len({(one.subject, one.sequence) for one in events}) == len(events)
    invitees = {one.data["calendly_invitee_uri"] for one in events if one.type == "BookingImported"}
    assert len(invitees) == BOOKINGS


def scene_is_whole(scene: Scene):
    async def whole() -> bool:
        return await scene.count() >= BOOKINGS and await scene.has_caught_up()

    return whole
