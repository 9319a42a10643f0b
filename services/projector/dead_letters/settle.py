"""Applies what was set aside for one key, in order, while no new record of that key can be applied or set aside."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
from aiokafka import ConsumerRecord
from bookstream_contracts import TOPICS

from services.projector.applying import positions
from services.projector.applying.faults import NOT_APPLIED, attempt
from services.projector.dead_letters.letters import Letter, letters_of_key
from services.projector.dead_letters.reading import Reader
from services.projector.projections import PROJECTIONS
from services.projector.records import Unknown, Unreadable, read
from services.runtime.database import Connection

AT_ONCE = 500
"""Records that are read before they are applied."""
GONE = "RecordGone"

_LOCK = "SELECT pg_advisory_xact_lock(projector.lock_of_key($1, $2, $3))"
_COUNT = "UPDATE projector.projections SET events_applied = events_applied + $3 WHERE name = $1 AND version = $2"
_COMPACTED = frozenset(topic.name for topic in TOPICS if topic.retention == "compacted")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record cannot be applied, and by which class of error."""

    reason: str
    error: str


@dataclass(slots=True)
class Applied:
    """What became of records: those that are done with, and the one that the others wait behind, if any."""

    done: list[Letter] = field(default_factory=list[Letter])
    events: int = 0
    stopped: tuple[Letter, Fault] | None = None


@asynccontextmanager
async def held(pool: asyncpg.Pool, one: Letter, *, keep: bool) -> AsyncIterator[tuple[Connection, Sequence[Letter]]]:
    """Hold a key in a transaction, which is undone at the end unless `keep`; give what is set aside for the key.

    Raises VersionGone.
    """
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await positions.claim(connection, name=one.name, version=one.version)
            await connection.execute(_LOCK, one.name, one.version, one.key)
            yield connection, await letters_of_key(connection, one)
        except BaseException:
            await transaction.rollback()
            raise
        await (transaction.commit() if keep else transaction.rollback())


async def apply_in_order(connection: Connection, reader: Reader, letters: Sequence[Letter]) -> Applied:
    """Apply the records of one key, read from their topic, until one cannot be; count the events.

    Raises KafkaError, and what the database is to blame for.
    """
    result = Applied()
    for start in range(0, len(letters), AT_ONCE):
        some = letters[start : start + AT_ONCE]
        records = await reader.read(one.origin for one in some)
        await _apply(connection, some, records, result)
        if result.stopped is not None:
            break
    if result.events:
        await connection.execute(_COUNT, letters[0].name, letters[0].version, result.events)
    return result


async def _apply(
    connection: Connection, letters: Sequence[Letter], records: dict[tuple[str, int, int], ConsumerRecord], to: Applied
) -> None:
    for one in letters:
        record = records.get(one.origin)
        if record is not None:
            fault = await _apply_one(connection, one, record, to)
        elif one.behind and one.topic in _COMPACTED:
            fault = None  # a later record of the key holds the whole state
        else:
            fault = Fault("is no longer on its topic", GONE)
        if fault is not None:
            to.stopped = one, fault
            return
        to.done.append(one)


async def _apply_one(connection: Connection, one: Letter, record: ConsumerRecord, to: Applied) -> Fault | None:
    projection = PROJECTIONS[one.name]
    try:
        told = read(record, null_erases=projection.null_erases)
    except Unreadable as fault:
        return Fault(str(fault), type(fault).__name__)
    if isinstance(told, Unknown):
        return None
    error = await attempt(connection, projection, told, version=one.version)
    if error is not None:
        return Fault(NOT_APPLIED, error)
    to.events += 1
    return None
