"""`bookstream migrate` against real Kafka and PostgreSQL."""

import asyncio
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import asyncpg
import pytest

from devstack.processes import free_port
from devstack.stack import Stack
from tests.support.commands import Ended, bookstream


@pytest.fixture
def settings(stack: Stack, database_url: str) -> dict[str, str]:
    return stack.environment | {"DATABASE_URL": database_url}


def told(ended: Ended) -> list[dict[str, Any]]:
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def migrations() -> Iterator[dict[str, Any]]:
    for service in ("ingest", "projector"):
        folder = files(f"services.{service}") / "migrations"
        for name in sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql")):
            yield {"kind": "tables", "where": service, "name": name}


async def relations(database_url: str, schema: str) -> set[str]:
    database = await asyncpg.connect(database_url)
    try:
        found = "SELECT table_name FROM information_schema.tables WHERE table_schema = $1"
        return {row["table_name"] for row in await database.fetch(found, schema)}
    finally:
        await database.close()


async def test_two_that_start_at_once_make_everything_once_and_a_third_has_nothing_to_do(
    settings: dict[str, str],
) -> None:
    # when two run at once on an empty database
    both = await asyncio.gather(*(bookstream("migrate", settings=settings) for _ in range(2)))
    # then each file was applied by exactly one of them
    tables = [row for ended in both for row in told(ended) if row["kind"] == "tables"]
    assert sorted(tables, key=lambda row: (row["where"], row["name"])) == list(migrations())
    # and a third one finds it all there
    assert told(await bookstream("migrate", settings=settings)) == []
    # and what others rely on is there
    assert {"events", "inbox"} <= await relations(settings["DATABASE_URL"], "ingest")
    assert {"appointments", "contacts"} <= await relations(settings["DATABASE_URL"], "crm")


async def test_a_kafka_that_does_not_answer_is_told_and_ends_with_1(settings: dict[str, str]) -> None:
    ended = await bookstream("migrate", settings=settings | {"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}"})
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.splitlines()[-1] == (
        "bookstream: Kafka does not answer (KafkaConnectionError). Check KAFKA_BOOTSTRAP_SERVERS and that it runs."
    )


async def test_a_postgresql_that_does_not_answer_is_told_and_ends_with_1(settings: dict[str, str]) -> None:
    ended = await bookstream(
        "migrate", settings=settings | {"DATABASE_URL": f"postgresql://u:hunter2@127.0.0.1:{free_port()}/x"}
    )
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "bookstream: PostgreSQL does not answer, or refuses the login. Check the database URL and that it runs.\n"
    )
