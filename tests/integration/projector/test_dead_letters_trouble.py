"""Trouble of the database makes no dead letter, a value that it can never take makes one (R23)."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from tests.integration.projector.test_appointments_projection import imported, owned
from tests.support.dead_letters import mend, refuse, set_aside
from tests.support.projector import applier, rows
from tests.support.scene import until

_OTHERS = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
_WAITING = "SELECT pid FROM pg_locks WHERE NOT granted"


@pytest.fixture
async def operator(migrated: str):
    """A session of its own, as somebody who looks after the database has one."""
    session = await asyncpg.connect(migrated)
    yield session
    await session.close()


async def kill_waiting(operator: asyncpg.Connection) -> None:
    """Kill the session that waits for a lock, once there is one."""

    async def one_waits() -> bool:
        return bool(await operator.fetch(_WAITING))

    await until(one_waits, "a session waits for the table")
    await operator.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM ({_WAITING}) AS w")


@pytest.mark.parametrize("singly", [False, True])
async def test_sessions_killed_amid_a_batch_are_waited_out(
    pool: asyncpg.Pool, operator: asyncpg.Connection, singly: bool
) -> None:
    # Given a batch whose writing waits for a lock; one record too many makes it be applied singly
    key = uuid4()
    events = [imported(key, offset=0), owned(key, offset=1)]
    if singly:
        events.append(replace(imported(uuid4(), offset=2), value=_far_away(events[0].value)))
    one = applier(pool, "appointments")
    async with operator.transaction():
        await operator.execute("LOCK TABLE projector.appointments_v1 IN ACCESS EXCLUSIVE MODE")
        applying = asyncio.create_task(one.apply(events))
        # When its sessions are killed, one after the other
        for _ in range(3):
            await kill_waiting(operator)
        assert one.trouble is not None
    # Then it waits and goes on, and nothing good was set aside
    await applying
    assert [row["id"] for row in await rows(pool, "crm.appointments")] == [key]
    assert [offset for offset, *_ in await set_aside(pool)] == ([2] if singly else [])
    assert one.trouble is None


def _far_away(value: bytes | None) -> bytes:
    """Return an event that starts at a time which a model takes, and PostgreSQL does not."""
    assert value is not None
    return value.replace(b"2026-11-25T09:00:00Z", b"0001-01-01T00:00:00+14:00")


async def test_a_value_that_cannot_be_sent_to_the_database_is_set_aside_alone(pool: asyncpg.Pool) -> None:
    # Given such a value between two good bookings
    first, bad, last = imported(uuid4(), offset=0), imported(uuid4(), offset=1), imported(uuid4(), offset=2)
    # When all are applied
    await applier(pool, "appointments").apply([first, replace(bad, value=_far_away(bad.value)), last])
    # Then it is named, and the others are there
    assert await set_aside(pool) == [(1, False, 1, "DataError")]
    assert len(await rows(pool, "crm.appointments")) == 2


async def test_a_database_that_can_only_be_read_is_waited_for(pool: asyncpg.Pool, operator: asyncpg.Connection) -> None:
    # Given a database that takes no writes, as one that was the primary before a failover
    name = await operator.fetchval("SELECT current_database()")
    await operator.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    await operator.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {_OTHERS}")
    key, one = uuid4(), applier(pool, "appointments")
    applying = asyncio.create_task(one.apply([imported(key, offset=0)]))

    async def refused() -> bool:
        return one.trouble == "ReadOnlySQLTransactionError"

    await until(refused, "the database refuses to write")
    # When it takes writes again
    await operator.execute("SET default_transaction_read_only = off")
    await operator.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    await operator.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {_OTHERS}")
    await applying
    # Then the booking is there, and nothing stands aside
    assert [row["id"] for row in await rows(pool, "crm.appointments")] == [key]
    assert await set_aside(pool) == []


async def test_a_table_that_is_missing_ends_the_applying_and_sets_nothing_aside(pool: asyncpg.Pool) -> None:
    # Given a table that somebody has renamed
    await pool.execute("ALTER TABLE projector.appointments_v1 RENAME TO elsewhere")
    try:
        # When a booking comes
        with pytest.raises(asyncpg.UndefinedTableError):
            await applier(pool, "appointments").apply([imported(uuid4(), offset=0)])
    finally:
        await pool.execute("ALTER TABLE projector.elsewhere RENAME TO appointments_v1")
    # Then it still is to be applied
    assert await set_aside(pool) == []
    assert await pool.fetchval("SELECT count(*) FROM projector.positions") == 0


async def test_of_one_key_only_the_first_that_fails_stands_before_the_others(pool: asyncpg.Pool) -> None:
    # Given a booking that is refused when it is written, and after it one of its key that cannot even be read
    key = uuid4()
    await refuse(pool)
    unreadable = replace(owned(key, offset=1), value=b"{}")
    # When they come in one batch
    await applier(pool, "appointments").apply([imported(key, offset=0), unreadable, owned(key, offset=2)])
    await mend(pool)
    # Then the second one waits like the third, with its own class of error
    assert await set_aside(pool) == [
        (0, False, 1, "CheckViolationError"),
        (1, True, 1, "Unreadable"),
        (2, True, 1, None),
    ]
