"""A Kafka broker of one node on this machine: KRaft mode, a free port, data in a folder that goes with it."""

import base64
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from devstack.guardian import Order
from devstack.jars import KAFKA, Say, class_path
from devstack.java import find_java
from devstack.processes import free_port, port_is_open, running

_SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=BROKER://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=BROKER://127.0.0.1:{broker}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
log.dirs={folder}/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""

_START = """
"$1" -XX:TieredStopAtLevel=1 -cp "$2" kafka.tools.StorageTool format --ignore-formatted "--cluster-id=$3" -c "$4" &&
exec "$1" -Xms256m -Xmx384m -cp "$2" kafka.Kafka "$4"
"""


@asynccontextmanager
async def local_kafka(say: Say) -> AsyncIterator[str]:
    """Run a broker and yield its bootstrap address. Raises JavaMissing, JarsMissing, ProgramFailed."""
    java, origin = find_java()
    jars = await class_path(say)
    say(f"Kafka {KAFKA}: KAFKA_BOOTSTRAP_SERVERS names none, so one is started here, on {origin}")
    port = free_port()
    with TemporaryDirectory(prefix="bookstream-kafka-", ignore_cleanup_errors=True) as folder:
        order = replace(broker_order(Path(folder), java, jars, port), remove=folder)
        async with running("Kafka", order) as broker:
            await broker.ready(lambda: port_is_open(port), within=60)
            yield f"127.0.0.1:{port}"


def broker_order(folder: Path, java: Path, jars: str, port: int) -> Order:
    """Return what runs a broker with its data in a folder; running it again goes on with the same data."""
    settings = folder / "server.properties"
    settings.write_text(_SETTINGS.format(broker=port, controller=free_port(), folder=folder))
    return Order(
        command=["/bin/sh", "-c", _START, "sh", str(java), jars, _cluster_id(), str(settings)],
        log=str(folder / "kafka.log"),
    )


def _cluster_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
