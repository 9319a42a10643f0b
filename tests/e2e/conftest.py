"""The whole system as processes, one for a test module."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from devstack.stack import Stack
from devstack.system import System, open_system
from tests.support.scene import Scene


@pytest.fixture(scope="module")
async def system(stack: Stack, empty_kafka: str, database_url: str) -> AsyncIterator[System]:
    """The system on a database and topics of its own, the relay in a process of its own."""
    own = replace(stack, kafka_bootstrap_servers=empty_kafka, database_url=database_url)
    async with open_system(own, say=lambda _: None, relay_apart=True) as opened:
        yield opened


@pytest.fixture
async def scene(system: System) -> AsyncIterator[Scene]:
    """A subaccount of its own in the running system."""
    async with Scene.open(system) as opened:
        yield opened
