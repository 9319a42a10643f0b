"""Records that could not be applied, and those that wait behind them for the same key."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from aiokafka import ConsumerRecord

from services.projector.records import key_text
from services.runtime.database import Connection

_STORE = """
INSERT INTO projector.dead_letters (name, version, topic, partition, position, key, reason, error, behind)
SELECT $1, $2, s.* FROM unnest($3::text[], $4::int[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::bool[]) AS s
ON CONFLICT (name, version, topic, partition, position) DO NOTHING
"""

_HELD = "SELECT DISTINCT key FROM projector.dead_letters WHERE name = $1 AND version = $2 AND key = ANY($3::text[])"

# Kept to the end of the transaction, so that nobody decides meanwhile about what new records are set behind.
_SHARE = """
SELECT pg_advisory_xact_lock_shared(lock)
  FROM (SELECT DISTINCT projector.lock_of_key($1, $2, key) AS lock FROM unnest($3::text[]) AS key ORDER BY lock) AS l
"""

_ALL_HELD = "SELECT DISTINCT key FROM projector.dead_letters WHERE name = $1 AND version = $2"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that was set aside: why, by which class of error, or only because another stands before it."""

    record: ConsumerRecord
    reason: str
    error: str | None = None
    behind: bool = False

    @property
    def row(self) -> tuple[object, ...]:
        """The values that are stored; NUL has no place in PostgreSQL's text."""
        record = self.record
        key = storable(key_text(record))
        return record.topic, record.partition, record.offset, key, storable(self.reason), self.error, self.behind


def storable(text: str) -> str:
    """Return a text that PostgreSQL takes."""
    return text.replace("\x00", "\ufffd")


async def held_keys(connection: Connection, keys: Iterable[str], *, name: str, version: int) -> set[str]:
    """Return those keys that have a dead letter, as long as the transaction lasts: what comes for them waits behind."""
    found = await _held(connection, sorted({storable(key) for key in keys}), name, version)
    if found:
        await connection.execute(_SHARE, name, version, found)
        found = await _held(connection, found, name, version)
    return set(found)


async def _held(connection: Connection, keys: Sequence[str], name: str, version: int) -> list[str]:
    return sorted(row["key"] for row in await connection.fetch(_HELD, name, version, keys))


async def all_held_keys(connection: Connection, *, name: str, version: int) -> set[str]:
    """Return all keys that have a dead letter."""
    rows = await connection.fetch(_ALL_HELD, name, version)
    return {row["key"] for row in rows}


def in_order(letters: Iterable[DeadLetter]) -> list[DeadLetter]:
    """Return dead letters in the order of their partitions; all but the first of each key stand behind that one."""
    found, stuck = list[DeadLetter](), set[str]()
    for letter in sorted(letters, key=lambda one: (one.record.topic, one.record.partition, one.record.offset)):
        key = storable(key_text(letter.record))
        found.append(replace(letter, behind=True) if key in stuck else letter)
        stuck.add(key)
    return found


async def store(connection: Connection, letters: Sequence[DeadLetter], *, name: str, version: int) -> None:
    """Store dead letters in the caller's transaction."""
    if letters:
        columns = zip(*(letter.row for letter in letters), strict=True)
        await connection.execute(_STORE, name, version, *map(list, columns))
