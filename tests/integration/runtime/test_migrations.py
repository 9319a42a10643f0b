"""SQL files are applied once each, in order, whole or not at all, also when two runs start at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import psycopg
import pytest

from services.runtime.migrations import NotMigrated, migrate, require_migrated

FIRST = "CREATE TABLE shop.things (id int PRIMARY KEY);"
SECOND = "INSERT INTO shop.things VALUES (1); INSERT INTO shop.things VALUES (2);"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0002-rows.sql").write_text(SECOND)
    (tmp_path / "0001-things.sql").write_text(FIRST)
    return tmp_path


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP SCHEMA IF EXISTS shop CASCADE")
    yield connection
    await connection.close()


async def run(database_url: str, folder: Path, *, service: str = "shop") -> list[str]:
    return await asyncio.to_thread(migrate, database_url=database_url, service=service, folder=folder)


async def rows(database: asyncpg.Connection) -> list[int]:
    return [row["id"] for row in await database.fetch("SELECT id FROM shop.things ORDER BY id")]


async def test_files_are_applied_in_order_and_once(
    database_url: str, folder: Path, database: asyncpg.Connection
) -> None:
    assert await run(database_url, folder) == ["0001-things", "0002-rows"]
    assert await run(database_url, folder) == []
    assert await rows(database) == [1, 2]


async def test_a_file_that_is_new_is_applied_alone(
    database_url: str, folder: Path, database: asyncpg.Connection
) -> None:
    await run(database_url, folder)
    (folder / "0003-more.sql").write_text("INSERT INTO shop.things VALUES (3);")
    assert await run(database_url, folder) == ["0003-more"]
    assert await rows(database) == [1, 2, 3]


async def test_two_runs_at_once_apply_each_file_once(
    database_url: str, folder: Path, database: asyncpg.Connection
) -> None:
    runs = await asyncio.gather(*(run(database_url, folder) for _ in range(4)))
    assert sorted(runs) == [[], [], [], ["0001-things", "0002-rows"]]
    assert await rows(database) == [1, 2]


async def test_a_file_that_fails_leaves_nothing_behind_and_is_tried_again_once_mended(
    database_url: str, folder: Path, database: asyncpg.Connection
) -> None:
    # given a file whose second statement fails
    (folder / "0002-rows.sql").write_text("INSERT INTO shop.things VALUES (1); INSERT INTO shop.nowhere VALUES (1);")
    with pytest.raises(psycopg.errors.UndefinedTable):
        await run(database_url, folder)
    assert await rows(database) == []
    # when it is mended
    (folder / "0002-rows.sql").write_text(SECOND)
    # then it alone is applied
    assert await run(database_url, folder) == ["0002-rows"]
    assert await rows(database) == [1, 2]


async def test_services_keep_their_own_records_in_one_database(
    database_url: str, folder: Path, database: asyncpg.Connection
) -> None:
    await database.execute("DROP SCHEMA IF EXISTS depot CASCADE")
    await run(database_url, folder)
    other = folder / "depot"
    other.mkdir()
    (other / "0001-things.sql").write_text("CREATE TABLE depot.things (id int);")
    assert await run(database_url, other, service="depot") == ["0001-things"]
    kept = "SELECT schemaname FROM pg_tables WHERE tablename = '_yoyo_migration' ORDER BY 1"
    assert [row["schemaname"] for row in await database.fetch(kept)] == ["depot", "shop"]


async def test_tables_that_lack_a_file_are_told_with_its_name(
    database_url: str, folder: Path, database: asyncpg.Connection
) -> None:
    def require() -> None:
        require_migrated(database_url=database_url, service="shop", folder=folder)

    with pytest.raises(NotMigrated, match=r"^The tables of shop .* \(0001-things, 0002-rows\)\.$"):
        require()
    await run(database_url, folder)
    require()
    (folder / "0003-more.sql").write_text("SELECT 1;")
    with pytest.raises(NotMigrated, match=r"run 'bookstream migrate' \(0003-more\)\.$"):
        require()
