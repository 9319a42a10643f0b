"""However a history runs and is cut into chunks, what is copied and settled is what live applying makes (R23)."""

from uuid import UUID

import asyncpg
from aiokafka import ConsumerRecord, TopicPartition
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.projector.projections import PROJECTIONS
from services.projector.rebuilding import tables
from services.projector.rebuilding.chunk import Chunk
from tests.integration.projector.rebuilding.histories import forgotten, upserted
from tests.integration.projector.test_appointments_projection import deleted, imported, owned
from tests.support.projector import applier, rows
from tests.support.records import at_offset

KEYS = [UUID(int=number) for number in range(1, 5)]
CONTACTS, APPOINTMENTS = "contacts", "appointments"

VERSION_2 = "INSERT INTO projector.projections (name, version, state) VALUES ($1, 2, 'building') ON CONFLICT DO NOTHING"


@st.composite
def bookings(draw: st.DrawFn) -> list[ConsumerRecord]:
    """Draw appointments' events, mixed; each appointment's are in order, and some of them come twice."""
    lives = [[imported(key, offset=0), owned(key, offset=0), deleted(key, offset=0)] for key in KEYS]
    waiting = [life[: draw(st.integers(0, 3))] for life in lives]
    history: list[ConsumerRecord] = []
    while any(waiting):
        life = draw(st.sampled_from([one for one in waiting if one]))
        history += [life.pop(0)] * draw(st.integers(1, 2))
    return history


@st.composite
def states(draw: st.DrawFn) -> list[ConsumerRecord]:
    """Draw contacts' states and nulls in any order, old states behind new ones included."""
    one = st.tuples(st.sampled_from(KEYS), st.integers(0, 4))
    return [upserted(key, number) if number else forgotten(key) for key, number in draw(st.lists(one, max_size=14))]


async def check(pool: asyncpg.Pool, name: str, history: list[ConsumerRecord], cuts: set[int]) -> None:
    """Apply a history live, singly, and rebuild it in chunks that end at the cuts; the rows must be the same."""
    numbered = [at_offset(record, offset) for offset, record in enumerate(history)]
    await begin(pool, name)
    live = applier(pool, name)
    for record in numbered:
        await live.apply([record])
    chunk = Chunk(PROJECTIONS[name], 2, known={}, held=set())
    async with pool.acquire() as connection:
        for record in numbered:
            chunk.take([record], {TopicPartition(record.topic, 0): record.offset + 1})
            if record.offset in cuts:
                await chunk.store(connection)
                chunk = chunk.next()
        await chunk.store(connection)
        async with connection.transaction():
            await tables.settle(connection, name, version=2, like=1)
    assert await rows(pool, f"projector.{name}_v1") == await rows(pool, f"projector.{name}_v2")


async def begin(pool: asyncpg.Pool, name: str) -> None:
    async with pool.acquire() as connection:
        await connection.execute(f"TRUNCATE projector.{name}_v1, projector.positions")
        await tables.drop(connection, name, version=2)
        await tables.create(connection, name, version=2, like=1)
        await connection.execute(VERSION_2, name)


given_any = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given_any
@given(history=bookings(), cuts=st.sets(st.integers(0, 24)))
async def test_appointments(pool: asyncpg.Pool, history: list[ConsumerRecord], cuts: set[int]) -> None:
    await check(pool, APPOINTMENTS, history, cuts)


@given_any
@given(history=states(), cuts=st.sets(st.integers(0, 14)))
async def test_contacts(pool: asyncpg.Pool, history: list[ConsumerRecord], cuts: set[int]) -> None:
    await check(pool, CONTACTS, history, cuts)
