"""The whole system as processes, as fixtures of a folder of tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from devstack.stack import Stack
from devstack.system import System, open_system
from tests.support.clean_kafka import clean_kafka
from tests.support.databases import empty_database
from tests.support.scene import Scene


@asynccontextmanager
async def whole_system(stack: Stack) -> AsyncIterator[System]:
    """Run the system on a database and topics of its own, the relay in a process of its own."""
    await clean_kafka(stack.kafka_bootstrap_servers)
    async with empty_database(stack.database_url) as database_url:
        own = replace(stack, database_url=database_url)
        async with open_system(own, say=lambda _: None, relay_apart=True) as opened:
            yield opened
    await clean_kafka(stack.kafka_bootstrap_servers)


@pytest.fixture(scope="package")
async def system(stack: Stack) -> AsyncIterator[System]:
    """The system that all modules of a folder share."""
    async with whole_system(stack) as opened:
        yield opened


@pytest.fixture
async def scene(system: System) -> AsyncIterator[Scene]:
    """A subaccount of its own in the running system."""
    async with Scene.open(system) as opened:
        yield opened
