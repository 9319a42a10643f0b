"""The read models' tables, emptied before each contestant, and counted after it."""

from collections.abc import Mapping

import asyncpg

_EMPTY = """
TRUNCATE projector.appointments_v1, projector.contacts_v1;
DELETE FROM projector.positions; DELETE FROM projector.dead_letters;
UPDATE projector.projections SET events_applied = 0;
"""
_NEWEST = "SELECT max(version) FROM projector.projections WHERE name = $1"


class Differs(Exception):
    """A contestant left other rows than the history has; it did not do the work."""


async def empty(database_url: str) -> None:
    """Empty the live versions, and forget how far they had come."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_EMPTY)
    finally:
        await connection.close()


async def check(database_url: str, rows: Mapping[str, int]) -> None:
    """Count the rows of each projection's newest version. Raises Differs."""
    connection = await asyncpg.connect(database_url)
    try:
        for name, expected in rows.items():
            version = await connection.fetchval(_NEWEST, name)
            found = await connection.fetchval(f"SELECT count(*) FROM projector.{name}_v{version}")
            if found != expected:
                raise Differs(f"{name} has {found:,} rows, and {expected:,} were expected")
    finally:
        await connection.close()
