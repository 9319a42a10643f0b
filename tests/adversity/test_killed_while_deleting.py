"""A large deletion goes through the whole system, and a kill in its middle neither stops nor doubles it (R17, R19)."""

import uuid
from collections import Counter

import pytest

from devstack.system import System
from tests.support.scene import Scene, until

BOOKINGS = 1500


@pytest.mark.timeout(240)
async def test_a_deletion_killed_in_the_middle_ends_with_every_appointment_deleted_once(
    system: System, scene: Scene
) -> None:
    # Given a calendar with many appointments
    organization = await scene.admin.organization()
    account = await scene.admin.user(organization, "Ingrid Solheim")
    calendar = await scene.admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
    connection = await scene.connected(account, calendar)
    await scene.admin.book(calendar, count=BOOKINGS, per_second=500)
    await until(lambda: _holds(scene, BOOKINGS), "all bookings are appointments")

    # When the user disconnects with delete, and ingest is killed while it removes them
    base = f"{system.ingest_url}/v1/subaccounts/{scene.subaccount}/connections"
    answer = await scene.http.delete(f"{base}/{connection}", params={"synced_events": "delete"})
    assert answer.status_code == 204
    await until(lambda: _begun(scene), "the deletion has begun")
    system.programs["ingest"].kill()
    done = await _done(scene)
    await system.start("ingest")
    await until(lambda: _holds(scene, 0), "all appointments are gone")
    await until(scene.has_caught_up, "nothing waits any more")

    # Then it was in the middle, and each appointment was deleted once, for that reason
    assert 0 < done < BOOKINGS
    deleted = [one for one in await scene.on_topics() if one.type == "BookingDeleted"]
    assert len(deleted) == len({one.subject for one in deleted}) == BOOKINGS
    assert Counter(one.data["reason"] for one in deleted) == {"account_disconnected": BOOKINGS}
    assert await _done(scene) == BOOKINGS


async def _holds(scene: Scene, count: int) -> bool:
    return await scene.count() == count


async def _begun(scene: Scene) -> bool:
    return await _done(scene) > 0


async def _done(scene: Scene) -> int:
    statement = "SELECT coalesce(sum(done), 0)::int FROM ingest.removals WHERE subaccount_id = $1"
    return await scene.database.fetchval(statement, uuid.UUID(scene.subaccount))
