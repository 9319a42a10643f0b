"""Compares the rows of two versions, each as its own transaction sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.projector.projections import PROJECTIONS
from services.projector.rebuilding.tables import table_of
from services.runtime.database import Connection

AT_ONCE = 200_000
"""Rows whose checksums are held in memory at once, of each version."""

# Ids are spread evenly over the last byte, so that a difference concerns one part in 256 of the rows.
_PARTS = """
SELECT get_byte(uuid_send(t.id), 15) AS part, count(*) AS rows, sum(hashtextextended({compared}, 0)) AS checksum
  FROM projector.{table} AS t GROUP BY part
"""

_ROWS = """
SELECT t.id, hashtextextended({compared}, 0) AS checksum FROM projector.{table} AS t
 WHERE get_byte(uuid_send(t.id), 15) = ANY($1::int[])
"""

Kind = Literal["missing", "too many", "different"]


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """A row that the new version lacks, has too many, or has with other values."""

    id: UUID
    kind: Kind


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a version's rows: how many there are, and the sum of their checksums."""

    rows: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions, and the transaction that sees it."""

    connection: Connection
    name: str
    version: int

    async def parts(self) -> dict[int, Part]:
        """Return the parts of the rows."""
        rows = await self.connection.fetch(self._filled(_PARTS))
        return {row["part"]: Part(row["rows"], int(row["checksum"])) for row in rows}

    async def rows(self, parts: Sequence[int]) -> dict[UUID, int]:
        """Return the checksum of each row of some parts."""
        return {row["id"]: row["checksum"] for row in await self.connection.fetch(self._filled(_ROWS), list(parts))}

    def _filled(self, statement: str) -> str:
        return statement.format(table=table_of(self.name, self.version), compared=PROJECTIONS[self.name].compared)


def total(parts: dict[int, Part]) -> Part:
    """Return what all parts make together; the checksum is of 64 bits."""
    checksum = sum(part.checksum for part in parts.values()) % 2**64
    return Part(sum(part.rows for part in parts.values()), checksum)


async def differences(live: Side, new: Side) -> tuple[Part, Part, list[Difference]]:
    """Return both totals, and by id every row in which the new version differs from the live one."""
    old_parts, new_parts = await live.parts(), await new.parts()
    found: list[Difference] = []
    for group in _grouped(old_parts, new_parts):
        found += _differing(await live.rows(group), await new.rows(group))
    return total(old_parts), total(new_parts), sorted(found)


def _grouped(old: dict[int, Part], new: dict[int, Part]) -> list[list[int]]:
    groups, size = list[list[int]](), AT_ONCE
    for number in sorted(number for number in old.keys() | new.keys() if old.get(number) != new.get(number)):
        rows = max(parts[number].rows for parts in (old, new) if number in parts)
        if size + rows > AT_ONCE:
            groups.append([])
            size = 0
        groups[-1].append(number)
        size += rows
    return groups


def _differing(old: dict[UUID, int], new: dict[UUID, int]) -> list[Difference]:
    missing = [Difference(one, "missing") for one in old.keys() - new.keys()]
    surplus = [Difference(one, "too many") for one in new.keys() - old.keys()]
    changed = [Difference(one, "different") for one in old.keys() & new.keys() if old[one] != new[one]]
    return missing + surplus + changed
