"""A projector's database with live versions, and topics with history, for rebuilding."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from devstack.stack import Stack
from services.projector.consumers import Consumers, open_consumers
from services.projector.read_api.projections import state_of
from services.projector.rebuilding.tools import Tools
from services.projector.versions import versions
from services.runtime.topics import create_topics
from tests.support.databases import empty_database
from tests.support.projector import tables
from tests.support.scene import until

STATES = ("building", "live", "retired")


@dataclass(frozen=True, kw_only=True)
class Projector:
    """The projector's consumers, running in this process, and tools for its versions."""

    tools: Tools
    consumers: Consumers
    database_url: str

    @property
    def pool(self) -> asyncpg.Pool:
        return self.tools.pool

    @property
    def servers(self) -> str:
        return self.tools.bootstrap_servers

    async def ends(self, topic: str = "crm.calendly.bookings.v1") -> dict[TopicPartition, int]:
        """Return the end of each partition of a topic."""
        return await self.tools.tails.ends(await self.tools.tails.partitions(topic))

    async def caught_up(self, *states: str) -> None:
        """Wait until every version that is fed, or is in one of the states, has applied all that is on its topic."""

        async def all_applied() -> bool:
            fed = [one for one in await versions(self.pool) if one.is_fed and one.state in (states or STATES)]
            return all([(await state_of(self.pool, self.tools.tails, one)).lag == 0 for one in fed])

        await until(all_applied, "all versions caught up")


@pytest.fixture
async def projector(stack: Stack, empty_kafka: str) -> AsyncIterator[Projector]:
    await create_topics(empty_kafka)
    async with empty_database(stack.database_url) as database_url:
        await tables(database_url)
        async with (
            Tools.open(database_url=database_url, bootstrap_servers=empty_kafka) as tools,
            open_consumers(
                tools.pool,
                bootstrap_servers=empty_kafka,
                names=("appointments", "contacts"),
                registry=CollectorRegistry(),
            ) as consumers,
        ):
            yield Projector(tools=tools, consumers=consumers, database_url=database_url)
