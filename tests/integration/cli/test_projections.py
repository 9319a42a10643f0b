"""`bookstream projections` as people and programs use it: JSON lines in a pipe, exit codes, refusals."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from devstack.stack import Stack
from services.runtime.topics import create_topics
from tests.integration.projector.rebuilding.histories import spread
from tests.support.commands import Ended, bookstream
from tests.support.databases import empty_database
from tests.support.projector import tables
from tests.support.published import publish


@pytest.fixture(scope="module")
async def settings(stack: Stack, empty_kafka: str) -> AsyncIterator[dict[str, str]]:
    """A projector's tables that no process feeds, and a history of sixty appointments."""
    await create_topics(empty_kafka)
    await publish(empty_kafka, *spread(60))
    async with empty_database(stack.database_url) as database_url:
        await tables(database_url)
        yield {"DATABASE_URL": database_url, "KAFKA_BOOTSTRAP_SERVERS": empty_kafka}


async def projections(*arguments: str, settings: dict[str, str]) -> tuple[Ended, list[dict[str, Any]]]:
    done = await bookstream("projections", *arguments, settings=settings)
    return done, [json.loads(line) for line in done.out.splitlines()]


async def test_from_rebuilding_to_going_back_and_dropping(settings: dict[str, str]) -> None:
    # When appointments are rebuilt, compared and switched to
    rebuilt, (*_, told) = await projections("rebuild", "appointments", settings=settings)
    assert (rebuilt.code, told["kind"], told["version"]) == (0, "rebuilt", 2)
    verified, (live, new) = await projections("verify", "appointments", settings=settings)
    switched, said = await projections("switch", "appointments", settings=settings)
    # Then both versions had the same rows at the same offsets, though nobody fed the live one
    assert (verified.code, live["rows"], new["rows"]) == (0, 40, 40)
    assert (live["checksum"], live["offsets"]) == (new["checksum"], new["offsets"])
    assert (switched.code, said) == (0, [{"kind": "switched", "name": "appointments", "live": 2, "retired": 1}])
    # And one can go back, and drop the other
    _, said = await projections("rollback", "appointments", settings=settings)
    assert said == [{"kind": "rolled back", "name": "appointments", "live": 1, "retired": 2}]
    _, said = await projections("drop", "appointments", settings=settings)
    assert said == [{"kind": "dropped", "name": "appointments", "version": 2}]
    _, listed = await projections("list", settings=settings)
    assert [(one["name"], one["version"], one["state"], one["lag"]) for one in listed] == [
        ("appointments", 1, "live", 0),
        ("contacts", 1, "live", 0),
    ]


async def test_a_refusal_ends_with_code_1_and_says_what_to_do(settings: dict[str, str]) -> None:
    done, printed = await projections("switch", "contacts", settings=settings)
    assert (done.code, printed) == (1, [])
    assert done.err == (
        "bookstream: contacts has no version beside the live one. "
        "Run 'bookstream projections rebuild contacts' first.\n"
    )


async def test_a_projection_that_there_is_not_is_refused(settings: dict[str, str]) -> None:
    done, _ = await projections("rebuild", "deals", settings=settings)
    assert (done.code, done.err) == (
        1,
        "bookstream: There is no projection 'deals'. There are: appointments, contacts.\n",
    )
