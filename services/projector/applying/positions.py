"""How far a projection's version has come on each partition. The stored position is the truth (DESIGN 6.5)."""

from collections.abc import Mapping

from services.runtime.database import Connection

Place = tuple[str, int]
"""Topic and partition."""

_LOAD = "SELECT topic, partition, position FROM projector.positions WHERE name = $1 AND version = $2"

# The lock keeps the version from being dropped, and from being compared with another, while it is written to.
_CLAIM = """
SELECT p.topic, p.partition, p.position,
       EXISTS (SELECT FROM projector.dead_letters AS d WHERE d.name = v.name AND d.version = v.version) AS letters
  FROM projector.projections AS v LEFT JOIN projector.positions AS p USING (name, version)
 WHERE v.name = $1 AND v.version = $2 FOR KEY SHARE OF v
"""

_ADVANCE = """
WITH counted AS (
    UPDATE projector.projections SET events_applied = events_applied + $7 WHERE name = $1 AND version = $2
)
INSERT INTO projector.positions AS t (name, version, topic, partition, position)
SELECT $1, $2, s.* FROM unnest($3::text[], $4::int[], $6::bigint[]) AS s
ON CONFLICT (name, version, topic, partition) DO UPDATE SET position = excluded.position
 WHERE t.position = (SELECT known FROM unnest($3::text[], $4::int[], $5::bigint[]) AS k (topic, partition, known)
                      WHERE k.topic = t.topic AND k.partition = t.partition)
RETURNING 1
"""


class Overtaken(Exception):
    """Another consumer moved a position meanwhile; the batch must be read against the new positions."""


class VersionGone(Exception):
    """The version was dropped meanwhile; nothing is to be applied to it any more."""


async def claim(connection: Connection, *, name: str, version: int) -> tuple[dict[Place, int], bool]:
    """Return what `load` does, and whether the version has dead letters; hold it for the caller's transaction.

    Raises VersionGone.
    """
    rows = await connection.fetch(_CLAIM, name, version)
    if not rows:
        raise VersionGone
    known = {(row["topic"], row["partition"]): row["position"] for row in rows if row["topic"] is not None}
    return known, rows[0]["letters"]


async def load(connection: Connection, *, name: str, version: int) -> dict[Place, int]:
    """Return the next offset to apply for each partition; partitions that were never read are left out."""
    rows = await connection.fetch(_LOAD, name, version)
    return {(row["topic"], row["partition"]): row["position"] for row in rows}


async def advance(
    connection: Connection,
    *,
    name: str,
    version: int,
    known: Mapping[Place, int],
    moved: Mapping[Place, int],
    applied: int,
) -> None:
    """Move positions from what was `known`, and count events. Raises Overtaken where one was moved by another."""
    places = sorted(moved)
    written = await connection.fetch(
        _ADVANCE,
        name,
        version,
        [topic for topic, _ in places],
        [partition for _, partition in places],
        [known.get(place, 0) for place in places],
        [moved[place] for place in places],
        applied,
    )
    if len(written) != len(places):
        raise Overtaken
