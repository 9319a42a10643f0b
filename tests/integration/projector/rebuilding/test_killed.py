"""A rebuild that is killed goes on where it was, and ends with the same rows (R23)."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.integration.projector.rebuilding.conftest import Projector
from tests.integration.projector.rebuilding.histories import spread
from tests.support.commands import bookstream, started
from tests.support.projector import rows
from tests.support.published import publish
from tests.support.scene import until

KILLS = 5
STORED = """
SELECT coalesce(sum(position), 0)::bigint FROM projector.positions WHERE name = 'appointments' AND version = 2
"""

SLOWLY = """
CREATE FUNCTION projector.slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END';
CREATE TRIGGER slowly BEFORE INSERT OR UPDATE ON projector.positions FOR EACH ROW WHEN (NEW.version = 2)
EXECUTE FUNCTION projector.slowly();
"""


def settings(projector: Projector) -> dict[str, str]:
    return {"DATABASE_URL": projector.database_url, "KAFKA_BOOTSTRAP_SERVERS": projector.servers}


async def kill_when_it_stored_something(projector: Projector) -> int:
    """Kill a rebuild, and nothing else, once it stored more than was there; return the offsets stored by then."""
    before = await projector.pool.fetchval(STORED)
    command = "projections", "rebuild", "appointments", "--budget", "200", "--json"

    async with started(*command, settings=settings(projector)) as process:

        async def moved() -> bool:
            assert process.returncode is None, await process.communicate()
            return await projector.pool.fetchval(STORED) > before

        await until(moved, "the rebuild stored something")
        workers = children(process.pid)
        process.kill()
        await process.wait()
        await until(lambda: ended(workers), "the workers of a process that was killed ended")
    return await projector.pool.fetchval(STORED)


def children(parent: int) -> list[int]:
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    return [int(one) for one in found]


async def ended(processes: list[int]) -> bool:
    return not any(_runs(one) for one in processes)


def _runs(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"


@pytest.mark.timeout(120)
async def test_a_rebuild_that_is_killed_five_times_ends_with_the_rows_of_the_live_version(projector: Projector) -> None:
    # Given a history that takes a rebuild many chunks, and a database that takes its time for each
    await publish(projector.servers, *spread(6_000))
    total = sum((await projector.ends()).values())
    await projector.pool.execute(SLOWLY)
    # When a rebuild is killed again and again, each time a little further
    reached = [await kill_when_it_stored_something(projector) for _ in range(KILLS)]
    assert reached == sorted(set(reached))
    assert 0 < reached[-1] < total
    # And is let run to its end at last
    await projector.pool.execute("DROP TRIGGER slowly ON projector.positions")
    done = await bookstream("projections", "rebuild", "appointments", "--json", settings=settings(projector))
    # Then it did not start over, and the rows are those of the live version
    assert done.code == 0, done.err
    last = json.loads(done.out.splitlines()[-1])
    assert last["kind"] == "rebuilt"
    assert last["offsets"] == total - reached[-1]
    await projector.caught_up()
    live, new = [await rows(projector.pool, f"projector.appointments_v{version}") for version in (1, 2)]
    assert (len(new), new) == (4_000, live)


async def test_a_worker_that_is_killed_is_told_of_and_the_next_run_goes_on(projector: Projector) -> None:
    # Given a rebuild under way
    await publish(projector.servers, *spread(2_000))
    await projector.pool.execute(SLOWLY)
    command = "projections", "rebuild", "appointments", "--budget", "100", "--json"

    async def stored() -> bool:
        return await projector.pool.fetchval(STORED) > 0

    async with started(*command, settings=settings(projector)) as process:
        await until(stored, "the rebuild stored something")
        # And none of its workers can come to its end
        async with projector.pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE projector.positions IN EXCLUSIVE MODE")
            # When one of them is killed, as a machine without memory does
            await kill(children(process.pid)[-1])
            _, err = await asyncio.wait_for(process.communicate(), 30)
    # Then it says so, and what to do
    assert process.returncode == 1
    assert b"was killed, perhaps for want of memory: see --budget. Run 'bookstream projections rebuild" in err
    await projector.pool.execute("DROP TRIGGER slowly ON projector.positions")
    assert (await bookstream(*command, settings=settings(projector))).code == 0


async def kill(process: int) -> None:
    killing = await asyncio.create_subprocess_exec("kill", "-9", str(process))
    assert await killing.wait() == 0
