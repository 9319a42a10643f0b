"""Retry a dead letter after a fix: it is applied, then those behind it, in one transaction."""

import asyncpg

from services.projector.applying.positions import VersionGone
from services.projector.dead_letters.letters import Letter
from services.projector.dead_letters.outcome import Outcome, note, outcome
from services.projector.dead_letters.reading import Reader
from services.projector.dead_letters.settle import apply_in_order, held


async def retry(pool: asyncpg.Pool, reader: Reader, letter: Letter, *, dry_run: bool) -> Outcome:
    """Apply a record and those behind it; where one fails, it stays and so do those behind it.

    With `dry_run` all of this is tried and then undone. Raises KafkaError, and what the database is to blame for.
    """
    try:
        async with held(pool, letter, keep=not dry_run) as (connection, letters):
            if not letters or letters[0].id != letter.id:
                return Outcome(letter=letter, became="settled by another", waiting=len(letters))
            applied = await apply_in_order(connection, reader, letters)
            await note(connection, applied)
            return outcome(letter, letters, applied, discarded=False)
    except VersionGone:
        return Outcome(letter=letter, became="settled by another")
