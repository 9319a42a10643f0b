"""Real Kafka and PostgreSQL for the tests: one stack for the session, one database for a test module."""

import sys
from collections.abc import AsyncIterator

import pytest

from devstack.stack import Stack, open_stack
from tests.support.clean_kafka import clean_kafka, refuse_foreign_topics
from tests.support.databases import empty_database


def _say(line: str) -> None:
    sys.__stderr__.write(f"{line}\n")


@pytest.fixture(scope="session")
async def stack() -> AsyncIterator[Stack]:
    """Kafka and PostgreSQL, found or started once."""
    async with open_stack(say=_say, durable=False) as opened:
        await refuse_foreign_topics(opened.kafka_bootstrap_servers)
        yield opened


@pytest.fixture(scope="session")
def kafka(stack: Stack) -> str:
    """Kafka's bootstrap address."""
    return stack.kafka_bootstrap_servers


@pytest.fixture(scope="module")
async def empty_kafka(kafka: str) -> AsyncIterator[str]:
    """Kafka's bootstrap address, without Bookstream's topics."""
    await clean_kafka(kafka)
    yield kafka
    await clean_kafka(kafka)


@pytest.fixture(scope="module")
async def database_url(stack: Stack) -> AsyncIterator[str]:
    """An empty database, dropped after the module."""
    async with empty_database(stack.database_url) as url:
        yield url
