"""Rebuilding from the topic: the same rows as the live version has, however the history is cut into chunks."""

from uuid import UUID, uuid4

import pytest
from aiokafka import ConsumerRecord

from services.projector.rebuilding.progress import Progress
from services.projector.rebuilding.rebuild import Rebuild
from services.projector.rebuilding.verify import Verify
from tests.integration.projector.rebuilding.conftest import Projector
from tests.integration.projector.test_appointments_projection import TOMAS, deleted, imported, owned
from tests.support.projector import rows
from tests.support.published import publish


def life(key: UUID, number: int) -> list[ConsumerRecord]:
    """Return an appointment's events: every third one is deleted, every fifth one has no owner yet."""
    events = [imported(key, offset=number * 3), owned(key, offset=number * 3 + 1, owner=TOMAS)]
    if number % 5 == 0:
        del events[1]
    return [*events, deleted(key, offset=number * 3 + 2)] if number % 3 == 0 else events


def spread(count: int) -> list[list[ConsumerRecord]]:
    """Return the events of appointments in transactions: all first ones, then all second ones, then the rest."""
    lives = [life(uuid4(), number) for number in range(count)]
    return [[one[step] for one in lives if len(one) > step] for step in range(3)]


@pytest.mark.parametrize("budget", [3, 40, 40_000])
async def test_a_rebuild_gives_the_rows_of_the_live_version(projector: Projector, budget: int) -> None:
    # Given a history whose owners and deletions come long after their bookings
    await publish(projector.tools.bootstrap_servers, *spread(60))
    await projector.caught_up()
    # When it is rebuilt, with so little memory that a booking and its owner are in different chunks
    one = await Rebuild(tools=projector.tools, budget=budget).run("appointments", progress=Progress())
    # Then both versions have the same rows, and comparing them says so
    assert (one.version, one.state) == (2, "building")
    live = await rows(projector.pool, "projector.appointments_v1")
    assert live == await rows(projector.pool, "projector.appointments_v2")
    verdict = await Verify(projector.tools).run("appointments")
    assert (verdict.live_rows, verdict.differences) == (verdict.new_rows, [])
    assert verdict.new_rows.rows == len(live)
    assert len(live) % 40 == 0  # of sixty appointments twenty are deleted, each time that this test runs
