"""Comparing versions, switching to one, going back, dropping: what readers see, and what is refused (R23)."""

import asyncio
from uuid import uuid4

import pytest

from services.projector.rebuilding.compare import Difference
from services.projector.rebuilding.drop import drop_version
from services.projector.rebuilding.progress import Progress
from services.projector.rebuilding.rebuild import Rebuild
from services.projector.rebuilding.refusals import (
    Ambiguous,
    Differs,
    IsLive,
    Lags,
    NoSuchVersion,
    NothingToCompare,
    NothingToGoBackTo,
    NotLoaded,
    NotVerified,
    Refused,
)
from services.projector.rebuilding.switch import Switch
from services.projector.rebuilding.verify import Verify
from services.projector.versions import versions
from tests.integration.projector.rebuilding.conftest import Projector
from tests.integration.projector.rebuilding.histories import spread
from tests.integration.projector.test_appointments_projection import imported, owned
from tests.support.projector import rows
from tests.support.published import publish

NAME = "appointments"


async def states(projector: Projector) -> dict[int, str]:
    return {one.version: one.state for one in await versions(projector.pool) if one.name == NAME}


async def rebuilt(projector: Projector) -> None:
    await Rebuild(tools=projector.tools).run(NAME, progress=Progress())
    await projector.consumers.adjust()


async def test_verifying_names_every_row_that_differs_by_its_id_and_how(projector: Projector) -> None:
    # Given a rebuilt version in which a row is missing, one is changed, and one too many
    await publish(projector.servers, *spread(60))
    await rebuilt(projector)
    await projector.caught_up()
    gone, changed = [one["id"] for one in await rows(projector.pool, "projector.appointments_v2")][:2]
    await projector.pool.execute("DELETE FROM projector.appointments_v2 WHERE id = $1", gone)
    await projector.pool.execute("UPDATE projector.appointments_v2 SET title = 'other' WHERE id = $1", changed)
    await projector.pool.execute(
        "INSERT INTO projector.appointments_v2 SELECT (jsonb_populate_record(t, jsonb_build_object('id', $2::uuid))).* "
        "FROM projector.appointments_v2 AS t WHERE id = $1",
        changed,
        made_up := uuid4(),
    )
    # When it is compared
    verdict = await Verify(projector.tools).run(NAME)
    # Then each of them is named, and nothing else
    expected = [Difference(gone, "missing"), Difference(changed, "different"), Difference(made_up, "too many")]
    assert verdict.differences == sorted(expected)
    assert verdict.live_rows.rows == verdict.new_rows.rows
    assert verdict.live_rows.checksum != verdict.new_rows.checksum
    # And the switch is refused, unless it is said that this is meant
    with pytest.raises(Differs, match=r"in 3 rows.*--accept-differences"):
        await Switch(projector.tools).forward(NAME)
    await Switch(projector.tools).forward(NAME, accept_differences=True)
    assert await states(projector) == {1: "retired", 2: "live"}


async def test_versions_are_compared_at_the_same_offsets_though_one_of_them_is_behind(projector: Projector) -> None:
    # Given a version that is loaded and not fed, and a live one that went on
    await publish(projector.servers, *spread(30))
    await Rebuild(tools=projector.tools).run(NAME, progress=Progress())
    await publish(projector.servers, *spread(30))
    await projector.caught_up("live")
    # When they are compared
    verdict = await Verify(projector.tools).run(NAME)
    # Then the new one was brought to where the live one is
    assert (verdict.differences, verdict.live_rows) == ([], verdict.new_rows)
    (new,) = [one for one in await versions(projector.pool) if (one.name, one.state) == (NAME, "building")]
    assert (new.differences, new.verified_at is not None) == (0, True)


async def test_readers_see_no_gap_in_a_switch_a_rollback_and_a_drop(projector: Projector) -> None:
    # Given a rebuilt version, and a reader that never stops
    await publish(projector.servers, *spread(30))
    await rebuilt(projector)
    await projector.caught_up()
    await Verify(projector.tools).run(NAME)
    expected, seen = await projector.pool.fetchval("SELECT count(*) FROM crm.appointments"), list[int]()

    async def read() -> None:
        while True:
            seen.append(await projector.pool.fetchval("SELECT count(*) FROM crm.appointments"))

    reading = asyncio.create_task(read())
    # When it is switched to, back, and again, and the old one dropped
    switch = Switch(projector.tools)
    await switch.forward(NAME)
    await switch.back(NAME)
    assert await states(projector) == {1: "live", 2: "retired"}
    await switch.back(NAME)
    await drop_version(projector.tools, NAME)
    reading.cancel()
    # Then the reader saw every row every time
    assert set(seen) == {expected}
    assert await states(projector) == {2: "live"}
    view = "SELECT pg_get_viewdef('projector.appointments'::regclass) LIKE '%appointments_v2%'"
    assert await projector.pool.fetchval(view)
    assert await projector.pool.fetchval("SELECT to_regclass('projector.appointments_v1')") is None


async def test_every_version_is_fed_until_it_is_dropped(projector: Projector) -> None:
    # Given a version that was switched to
    await publish(projector.servers, *spread(6))
    await rebuilt(projector)
    await projector.caught_up()
    await Verify(projector.tools).run(NAME)
    await Switch(projector.tools).forward(NAME)
    # When a booking comes
    key = uuid4()
    await publish(projector.servers, [imported(key, offset=0), owned(key, offset=1)])
    await projector.caught_up()
    # Then both versions have it, so that one can go back
    for version in (1, 2):
        assert key in {one["id"] for one in await rows(projector.pool, f"projector.appointments_v{version}")}
    # When the old one is dropped
    await drop_version(projector.tools, NAME)
    await projector.consumers.adjust()
    # Then only the new one is fed
    key = uuid4()
    await publish(projector.servers, [imported(key, offset=0)])
    await projector.caught_up()
    assert key in {one["id"] for one in await rows(projector.pool, "crm.appointments")}
    assert await projector.consumers.advance()


async def test_a_version_that_is_too_far_behind_is_not_switched_to(projector: Projector) -> None:
    # Given a compared version that is not fed any more, and a live one that went on
    await Rebuild(tools=projector.tools).run(NAME, progress=Progress())
    await Verify(projector.tools).run(NAME)
    await publish(projector.servers, *spread(10))
    await projector.caught_up("live")
    # When it is switched to with less patience than it lags
    with pytest.raises(Lags, match="offsets behind the live version"):
        await Switch(projector.tools, most_behind=5).forward(NAME)
    # Then nothing changed; with more, it is brought to the live one's place first, and readers see nothing older
    assert await states(projector) == {1: "live", 2: "building"}
    before = await rows(projector.pool, "crm.appointments")
    await Switch(projector.tools).forward(NAME)
    assert await rows(projector.pool, "crm.appointments") == before
    assert len(before) > 0


async def test_what_cannot_be_is_refused_and_says_what_to_do(projector: Projector) -> None:
    # Given only a live version
    refusals: list[tuple[object, type[Refused], str]] = [
        (
            Verify(projector.tools).run(NAME),
            NothingToCompare,
            "Run 'bookstream projections rebuild appointments' first",
        ),
        (Switch(projector.tools).forward(NAME), NothingToCompare, "has no version beside the live one"),
        (Switch(projector.tools).back(NAME), NothingToGoBackTo, "Rebuild one, verify it and switch to it"),
        (drop_version(projector.tools, NAME), NoSuchVersion, "no version besides the live one"),
        (drop_version(projector.tools, NAME, number=7), NoSuchVersion, "has no version 7"),
        (drop_version(projector.tools, NAME, number=1), IsLive, "is live and cannot be dropped"),
    ]
    for work, refusal, says in refusals:
        with pytest.raises(refusal, match=says):
            await work  # pyright: ignore[reportGeneralTypeIssues]
    # And a version that is loaded but was not compared
    await rebuilt(projector)
    with pytest.raises(NotVerified, match="Run 'bookstream projections verify appointments' first"):
        await Switch(projector.tools).forward(NAME)
    # And one whose load was interrupted
    await projector.pool.execute("UPDATE projector.projections SET loaded_at = NULL WHERE version = 2")
    with pytest.raises(NotLoaded, match="Run 'bookstream projections rebuild appointments': it goes on"):
        await Switch(projector.tools).forward(NAME)


async def test_of_several_versions_the_one_to_drop_is_named(projector: Projector) -> None:
    # Given a retired version and a new one
    await rebuilt(projector)
    await Verify(projector.tools).run(NAME)
    await Switch(projector.tools).forward(NAME)
    await rebuilt(projector)
    # When one is dropped without saying which
    with pytest.raises(Ambiguous, match="several versions besides the live one: 1, 3"):
        await drop_version(projector.tools, NAME)
    # Then the one that is named goes
    assert (await drop_version(projector.tools, NAME, number=1)).version == 1
    assert await states(projector) == {2: "live", 3: "building"}
