"""The tables of a version: like those of another version, without indexes until the load is done."""

from services.projector.projections import PROJECTIONS
from services.runtime.database import Connection

_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid) AS definition, i.indisprimary AS is_primary, pg_get_constraintdef(c.oid) AS key
  FROM pg_index AS i LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid
 WHERE i.indrelid = ('projector.' || $1)::regclass
 ORDER BY i.indisprimary DESC, i.indexrelid
"""


def table_of(name: str, version: int) -> str:
    """Return the name of a version's table, without its schema."""
    return f"{name}_v{version}"


async def create(connection: Connection, name: str, *, version: int, like: int) -> None:
    """Make the tables that a version is loaded into, with the columns of another one."""
    table, projection = table_of(name, version), PROJECTIONS[name]
    like_it = f"LIKE projector.{table_of(name, like)} INCLUDING DEFAULTS"
    await connection.execute(f"CREATE TABLE projector.{table} ({like_it})")
    aside = projection.aside_columns.format(version=version)
    await connection.execute(f"CREATE TABLE projector.{table}_{projection.aside} ({aside})")


async def settle(connection: Connection, name: str, *, version: int, like: int) -> None:
    """Make the rows of what was copied, then the indexes that the other version has."""
    await connection.execute("SET LOCAL work_mem = '64MB'; SET LOCAL maintenance_work_mem = '128MB'")
    for statement in PROJECTIONS[name].settle:
        await connection.execute(statement.format(version=version))
    await _drop_aside(connection, name, version)
    await _index(connection, name, version=version, like=like)
    await connection.execute(f"ANALYZE projector.{table_of(name, version)}")


async def drop(connection: Connection, name: str, *, version: int) -> None:
    """Drop a version's tables."""
    await _drop_aside(connection, name, version)
    await connection.execute(f"DROP TABLE IF EXISTS projector.{table_of(name, version)}")


async def _index(connection: Connection, name: str, *, version: int, like: int) -> None:
    old, new = table_of(name, like), table_of(name, version)
    for one in await connection.fetch(_INDEXES, old):
        if one["is_primary"]:
            await connection.execute(f"ALTER TABLE projector.{new} ADD {one['key']}")
        else:
            await connection.execute(one["definition"].replace(old, new))


async def _drop_aside(connection: Connection, name: str, version: int) -> None:
    await connection.execute(f"DROP TABLE IF EXISTS projector.{table_of(name, version)}_{PROJECTIONS[name].aside}")
