"""Drops a version that is not live: its tables, positions and dead letters (DESIGN 6.6)."""

from services.projector.rebuilding import tables
from services.projector.rebuilding.alone import alone
from services.projector.rebuilding.candidates import to_drop
from services.projector.rebuilding.tools import Tools
from services.projector.versions import Version, versions

_FORGET = (
    "DELETE FROM projector.projections WHERE name = $1 AND version = $2",
    "DELETE FROM projector.dead_letters WHERE name = $1 AND version = $2",
)


async def drop_version(tools: Tools, name: str, *, number: int | None = None) -> Version:
    """Drop a version, the only one that is not live unless a number is given; return it.

    Raises NoSuchVersion, Ambiguous, IsLive. The projector stops feeding it within a second.
    """
    async with alone(tools.pool, name):
        one = to_drop(await versions(tools.pool), name, number)
        async with tools.pool.acquire() as connection, connection.transaction():
            for statement in _FORGET:
                await connection.execute(statement, one.name, one.version)
            await tables.drop(connection, one.name, version=one.version)
    return one
