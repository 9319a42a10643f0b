"""Find dead letters: those that a person names, or describes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from services.projector.dead_letters.letters import COLUMNS, Letter
from services.runtime.database import Connection

Source = asyncpg.Pool | Connection

_WHERE = """
   NOT d.behind
   AND ($1::bigint[] IS NULL OR d.id = ANY($1))
   AND ($2::text IS NULL OR d.name = $2)
   AND ($3::text IS NULL OR d.key = $3)
   AND ($4::text IS NULL OR position(lower($4) IN lower(concat_ws(' ', d.reason, d.error))) > 0)
   AND ($5::interval IS NULL OR d.first_failed_at < now() - $5::interval)
   AND ($6::timestamptz IS NULL OR d.first_failed_at >= $6)
"""

# A version that is still loaded by a rebuild has no indexes yet, without which nothing can be applied to it.
_FIND = f"""
SELECT {COLUMNS} FROM projector.dead_letters AS d JOIN projector.projections AS v USING (name, version)
 WHERE {_WHERE} AND v.loaded_at IS NOT NULL ORDER BY d.first_failed_at, d.id
"""  # noqa: S608, the parts are the constants above

_LISTED = """
id, name AS projection, version, topic, partition, position AS "offset", key, reason, error, attempts, first_failed_at,
date_trunc('second', now() - first_failed_at)::text AS age, published_at
"""

_LIST = f"""
SELECT {_LISTED}, (SELECT count(*) FROM projector.dead_letters AS b
                    WHERE b.name = d.name AND b.version = d.version AND b.key = d.key AND b.behind) AS waiting
  FROM projector.dead_letters AS d WHERE {_WHERE} ORDER BY d.first_failed_at, d.id LIMIT $7
"""  # noqa: S608, the parts are the constants above

_ONE = f"SELECT {COLUMNS} FROM projector.dead_letters WHERE id = $1"  # noqa: S608, as above


class NothingFound(Exception):
    """No dead letter is meant; the message says where they are listed."""

    def __init__(self) -> None:
        super().__init__("No dead letter is as described. List all: bookstream dead-letters list")


class NotDeadLetters(Exception):
    """Some that were named cannot be decided about; the message names them and says what to do."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = tuple(ids)
        super().__init__(
            f"No dead letters, so nothing was changed: {', '.join(map(str, ids))}. A record that waits behind another "
            "goes with that one, and one of a version that is being rebuilt waits until it is loaded. "
            "List them: bookstream dead-letters list"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What all dead letters that are meant have in common; None says nothing.

    `reason` is a part of the reason or of the error's class, in any case. `since` has a time zone.
    """

    ids: Sequence[int] | None = None
    projection: str | None = None
    key: str | None = None
    reason: str | None = None
    older_than: timedelta | None = None
    since: datetime | None = None

    @property
    def arguments(self) -> tuple[object, ...]:
        """The values of the statements here."""
        return self.ids, self.projection, self.key, self.reason, self.older_than, self.since

    @property
    def says_nothing(self) -> bool:
        """Whether every dead letter is meant."""
        return not any(self.arguments)


async def listed(source: Source, selection: Selection, *, limit: int) -> list[Mapping[str, Any]]:
    """Return dead letters as people see them, oldest first, each with how many records wait behind it."""
    return [dict(row) for row in await source.fetch(_LIST, *selection.arguments, limit)]


async def find(source: Source, selection: Selection) -> list[Letter]:
    """Return dead letters that can be decided about, oldest first. Raises NothingFound, NotDeadLetters."""
    found = [Letter(**row) for row in await source.fetch(_FIND, *selection.arguments)]
    missing = sorted(set(selection.ids or ()) - {one.id for one in found})
    if missing:
        raise NotDeadLetters(missing)
    if not found:
        raise NothingFound
    return found


async def one_letter(connection: Connection, letter_id: int) -> Letter:
    """Return one dead letter, or a record that waits behind one. Raises NotDeadLetters."""
    row = await connection.fetchrow(_ONE, letter_id)
    if row is None:
        raise NotDeadLetters([letter_id])
    return Letter(**row)
