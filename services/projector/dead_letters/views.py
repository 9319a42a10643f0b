"""One dead letter as people see it, with its record as far as that is still on its topic."""

from typing import Any

import asyncpg

from services.projector.dead_letters.find import one_letter
from services.projector.dead_letters.letters import Letter, letters_of_key
from services.projector.dead_letters.reading import Reader
from services.projector.dead_letters.record import needs_record


async def shown(pool: asyncpg.Pool, reader: Reader, letter_id: int, *, value: bool) -> dict[str, Any]:
    """Return a dead letter, the ids of those behind it, and the headers of its record; the value only if asked for.

    `there` tells whether the record is still on its topic. The headers of one that may hold personal data come with
    its value only. Raises NotDeadLetters, KafkaError.
    """
    async with pool.acquire() as connection:
        one = await one_letter(connection, letter_id)
        others = await letters_of_key(connection, one)
    record = (await reader.read([one.origin])).get(one.origin)
    found = _told(one)
    found["behind"] = [other.id for other in others if other.id > one.id]
    found["there"] = record is not None
    if record is not None and (value or needs_record(one)):
        found["headers"] = {name: _text(raw) for name, raw in record.headers}
    if record is not None and value:
        found["value"] = _text(record.value)
    return found


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", "replace")


def _told(one: Letter) -> dict[str, Any]:
    return {
        "id": one.id,
        "projection": one.name,
        "version": one.version,
        "topic": one.topic,
        "partition": one.partition,
        "offset": one.position,
        "key": one.key,
        "reason": one.reason,
        "error": one.error,
        "attempts": one.attempts,
        "first_failed_at": one.first_failed_at,
        "waits": one.behind,
    }
