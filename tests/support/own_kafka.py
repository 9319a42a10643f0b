"""A broker of a test's own, which can be killed and started again on the same data."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from devstack.guardian import Order
from devstack.jars import class_path
from devstack.java import JavaMissing, find_java
from devstack.kafka import broker_order
from devstack.processes import Program, free_port, port_is_open, running


@dataclass(kw_only=True)
class OwnKafka:
    """The broker."""

    port: int
    order: Order
    opened: AsyncExitStack
    program: Program | None = None

    @property
    def address(self) -> str:
        """The bootstrap address."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start the broker, or start it again, and wait until its port is open."""
        self.program = await self.opened.enter_async_context(running("Kafka", self.order))
        await self.program.ready(lambda: port_is_open(self.port), within=60)

    def kill(self) -> None:
        """Kill the broker, as a crash would."""
        assert self.program is not None
        self.program.kill()


@asynccontextmanager
async def own_kafka(folder: Path) -> AsyncIterator[OwnKafka]:
    """Run a broker with its data in a folder; the test is skipped where there is no Java."""
    try:
        java, _ = find_java()
    except JavaMissing as missing:
        pytest.skip(str(missing))
    port = free_port()
    async with AsyncExitStack() as opened:
        kafka = OwnKafka(port=port, order=broker_order(folder, java, await class_path(print), port), opened=opened)
        await kafka.start()
        yield kafka
