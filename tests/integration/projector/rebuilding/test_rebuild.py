"""Rebuilding from the topic: the same rows as the live version has, however the history is cut into chunks (R23)."""

import pytest

from services.projector.rebuilding.alone import alone
from services.projector.rebuilding.progress import Progress
from services.projector.rebuilding.rebuild import Rebuild
from services.projector.rebuilding.refusals import BeingChanged, UnknownProjection
from services.projector.rebuilding.verify import Verify
from services.projector.versions import versions
from tests.integration.projector.rebuilding.conftest import Projector
from tests.integration.projector.rebuilding.histories import acquainted, spread
from tests.integration.projector.test_appointments_projection import A, B, imported, owned
from tests.support.projector import rows
from tests.support.published import publish
from tests.support.records import raw

BOOKINGS = "crm.calendly.bookings.v1"


@pytest.mark.parametrize("budget", [6, 80, 40_000])
async def test_rebuilt_appointments_are_those_of_the_live_version(projector: Projector, budget: int) -> None:
    # Given a history whose owners and deletions come long after their bookings
    await publish(projector.servers, *spread(60))
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


@pytest.mark.parametrize("budget", [6, 80, 40_000])
async def test_rebuilt_contacts_are_those_of_the_live_version(projector: Projector, budget: int) -> None:
    # Given contacts that changed, came doubled, were erased, and came back
    await publish(projector.servers, *acquainted(30))
    await projector.caught_up()
    # When they are rebuilt
    await Rebuild(tools=projector.tools, budget=budget).run("contacts", progress=Progress())
    # Then whoever was erased is erased, and every other row is the same
    assert await rows(projector.pool, "projector.contacts_v1") == await rows(projector.pool, "projector.contacts_v2")
    assert (await Verify(projector.tools).run("contacts")).differences == []


async def test_the_new_tables_have_the_indexes_of_the_live_ones(projector: Projector) -> None:
    # When a version is rebuilt
    await Rebuild(tools=projector.tools).run("appointments", progress=Progress())
    # Then it has the same indexes under its own name, and nothing is left of the load
    found = await projector.pool.fetch(
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'projector' AND tablename LIKE 'appointments%'"
    )
    old, new = ([row["indexdef"] for row in found if row["tablename"] == f"appointments_v{one}"] for one in (1, 2))
    assert sorted(one.replace("_v2", "_v1") for one in new) == sorted(old)
    tables = await projector.pool.fetch("SELECT tablename FROM pg_tables WHERE tablename LIKE 'appointments_v2%'")
    assert [row["tablename"] for row in tables] == ["appointments_v2"]


async def test_records_that_cannot_be_read_are_set_aside_as_they_are_live(projector: Projector) -> None:
    # Given a record that is broken, good ones of its key behind it, and one of another key
    good = imported(A, offset=0)
    broken = raw(BOOKINGS, key=good.key, value=b'{"title": "a\\u0000b"}', headers=list(good.headers), offset=0)
    await publish(projector.servers, [broken], [owned(A, offset=1), imported(B, offset=2)])
    await projector.caught_up()
    # When the history is rebuilt, each record a chunk of its own
    await Rebuild(tools=projector.tools, budget=2).run("appointments", progress=Progress())
    # Then the same records wait in the same order, for the same reasons
    statement = "SELECT position, key, reason, behind FROM projector.dead_letters WHERE version = $1 ORDER BY id"
    live, new = [[tuple(row) for row in await projector.pool.fetch(statement, one)] for one in (1, 2)]
    assert new == live
    assert [row[3] for row in new if row[1] == str(A)] == [False, True]
    assert (await Verify(projector.tools).run("appointments")).differences == []


async def test_a_rebuild_of_what_is_loaded_already_does_nothing(projector: Projector) -> None:
    # Given a version that is loaded
    first = await Rebuild(tools=projector.tools).run("appointments", progress=Progress())
    # When the command is given again
    progress = Progress()
    again = await Rebuild(tools=projector.tools).run("appointments", progress=progress)
    # Then it is the same version, and nothing was read
    assert (again, progress.total) == (first, 0)
    assert [one.version for one in await versions(projector.pool) if one.name == "appointments"] == [1, 2]


async def test_two_processes_never_rebuild_the_same_projection(projector: Projector) -> None:
    # Given a process that is changing the versions of appointments
    async with alone(projector.pool, "appointments"):
        # When another one rebuilds them
        with pytest.raises(BeingChanged, match="Let it end, then try again"):
            await Rebuild(tools=projector.tools).run("appointments", progress=Progress())
        # Then it is refused, while other projections can be rebuilt
        await Rebuild(tools=projector.tools).run("contacts", progress=Progress())


async def test_an_unknown_projection_is_refused_naming_those_that_there_are(projector: Projector) -> None:
    with pytest.raises(UnknownProjection, match="There are: appointments, contacts"):
        await Rebuild(tools=projector.tools).run("deals", progress=Progress())
