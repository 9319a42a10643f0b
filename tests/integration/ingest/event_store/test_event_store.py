"""The event store: declared names, upcasting in place, all or nothing."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import uuid4

import asyncpg
import pytest
from eventsourcing.persistence import IntegrityError
from eventsourcing.utils import register_topic

from domain.account_link import AccountLink
from domain.recorded import Aggregate, Context, Recorded
from services.ingest.event_store import EventStore, LostRace
from services.ingest.event_store.topics import STORED_EVENTS
from tests.support.ingest import tables


@pytest.fixture(scope="module")
async def store(database_url: str) -> AsyncIterator[EventStore]:
    await tables(database_url)
    async with EventStore.open(database_url) as opened:
        yield opened


def now() -> Context:
    """Return the surroundings of a decision."""
    return Context(at=datetime.now(UTC), cause="command", cause_id=uuid4())


def test_stored_names_are_declared_unique_and_never_class_paths() -> None:
    names = [event.TOPIC for event in STORED_EVENTS]
    assert len(set(names)) == len(names)
    assert all(name.startswith("bookstream.") and name.endswith(".v1") and ":" not in name for name in names)


async def test_who_was_second_loses_and_nothing_of_it_is_saved(store: EventStore) -> None:
    # Given two that read the same place
    place, other = uuid4(), AccountLink(uuid4())
    first, second = [(await store.load(AccountLink, [place]))[place] for _ in range(2)]
    first.link(now(), connection_id=uuid4())
    second.link(now(), connection_id=uuid4())
    other.link(now(), connection_id=uuid4())
    # When both save
    await store.save([first])
    with pytest.raises(LostRace):
        await store.save([other, second])
    # Then the second saved nothing, not even what did not collide
    loaded = await store.load(AccountLink, [place, other.id])
    assert (loaded[place].held_by, loaded[other.id].held_by) == (first.held_by, None)


async def test_a_version_that_moved_since_it_was_read_is_a_lost_race_too(store: EventStore) -> None:
    # Given an aggregate that was read and then changed by another
    read = uuid4()
    other = (await store.load(AccountLink, [read]))[read]
    other.link(now(), connection_id=uuid4())
    await store.save([other])
    # When something is decided on what was read
    mine = AccountLink(uuid4())
    mine.link(now(), connection_id=uuid4())
    # Then it is refused
    with pytest.raises(LostRace):
        await store.save([mine], expect={read: 0})


_END_SESSIONS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE pid <> pg_backend_pid() AND datname = current_database()
"""


async def test_sessions_that_the_database_ended_are_replaced_unseen(store: EventStore, database_url: str) -> None:
    # Given a store whose sessions are ended while they lie idle
    link = AccountLink(uuid4())
    link.link(now(), connection_id=uuid4())
    await store.save([link])
    database = await asyncpg.connect(database_url)
    assert await database.fetchval(_END_SESSIONS) > 0
    # When it is read, and, ended again, written
    loaded = (await store.load(AccountLink, [link.id]))[link.id]
    await database.fetchval(_END_SESSIONS)
    loaded.unlink(now(), connection_id=link.held_by or uuid4())
    await store.save([loaded])
    await database.close()
    # Then nobody noticed
    assert (await store.load(AccountLink, [link.id]))[link.id].held_by is None


async def test_what_breaks_a_constraint_is_no_lost_race_and_saves_nothing(store: EventStore) -> None:
    # Given something to save beside a row that no table takes
    mine = AccountLink(uuid4())
    mine.link(now(), connection_id=uuid4())
    spoiled = (
        "INSERT INTO ingest.inbox (id, connection_id, received_at, event, state) VALUES (%s, %s, now(), 'x', 'no')"
    )
    # When it is saved, then the error is told: to decide again would not help
    with pytest.raises(IntegrityError):
        await store.save([mine], also=[(spoiled, (uuid4(), uuid4()))])
    assert await store.events_of([mine.id]) == {}


@dataclass(frozen=True, kw_only=True)
class SeatTaken(Recorded):
    """A made-up event whose first shape had a row, where today's has a seat."""

    TOPIC: ClassVar[str] = "tests.SeatTaken"
    class_version: ClassVar[int] = 2
    seat: str

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """Name the seat by its row."""
        state["seat"] = f"row {state.pop('row')}"


class Hall(Aggregate):
    """A made-up aggregate."""

    def apply(self, event: Recorded) -> None:
        """Change nothing."""


async def test_an_older_shape_is_upcast_where_it_is_read(store: EventStore, database_url: str) -> None:
    # Given an event that stands in the store in its first shape
    register_topic(SeatTaken.TOPIC, SeatTaken)
    hall = Hall(uuid4())
    hall.record(SeatTaken, now(), seat="unknown")
    await store.save([hall])
    database = await asyncpg.connect(database_url)
    state = json.loads(await database.fetchval("SELECT state FROM ingest.events WHERE originator_id = $1", hall.id))
    older = {name: value for name, value in state.items() if name not in {"seat", "class_version"}} | {"row": 4}
    statement = "UPDATE ingest.events SET state = $2 WHERE originator_id = $1"
    await database.execute(statement, hall.id, json.dumps(older).encode())
    await database.close()
    # When today's code reads it
    (event,) = (await store.events_of([hall.id]))[hall.id]
    # Then it has today's shape
    assert isinstance(event, SeatTaken)
    assert event.seat == "row 4"
