"""Discard a dead letter: it is never applied; those behind it are, in one transaction."""

import asyncpg

from services.projector.applying.positions import VersionGone
from services.projector.dead_letters.letters import Letter
from services.projector.dead_letters.outcome import Outcome, note, outcome
from services.projector.dead_letters.reading import Reader
from services.projector.dead_letters.settle import apply_in_order, held

_REMEMBER = """
INSERT INTO projector.discarded (name, version, topic, partition, position, key)
SELECT name, version, topic, partition, position, key FROM projector.dead_letters WHERE id = $1
"""


async def discard(pool: asyncpg.Pool, reader: Reader, letter: Letter, *, dry_run: bool) -> Outcome:
    """Remove a dead letter and apply the records behind it; where one of them fails, it and the others stay.

    What was discarded is remembered, so that the audit does not take it for lost.

    With `dry_run` all of this is tried and then undone. Raises KafkaError, and what the database is to blame for.
    """
    try:
        async with held(pool, letter, keep=not dry_run) as (connection, letters):
            if not letters or letters[0].id != letter.id:
                return Outcome(letter=letter, became="settled by another", waiting=len(letters))
            applied = await apply_in_order(connection, reader, letters[1:])
            await connection.execute(_REMEMBER, letters[0].id)
            await note(connection, applied, removed=letters[:1])
            return outcome(letter, letters, applied, discarded=True)
    except VersionGone:
        return Outcome(letter=letter, became="settled by another")
