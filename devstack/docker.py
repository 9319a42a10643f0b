"""Kafka and PostgreSQL as containers, by testcontainers, when STACK=docker asks for them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from devstack.jars import KAFKA, Say
from devstack.processes import free_port

_KAFKA_IMAGE = f"apache/kafka:{KAFKA}"
_POSTGRES_IMAGE = "postgres:17"


class DockerMissing(Exception):
    """Containers cannot be started; the message says what to do."""


@asynccontextmanager
async def docker_kafka(say: Say) -> AsyncIterator[str]:
    """Run a broker in a container and yield its bootstrap address. Raises DockerMissing."""
    say(f"Kafka: starting the container {_KAFKA_IMAGE}")
    port = free_port()
    async with _started(lambda: _kafka(port)):
        yield f"localhost:{port}"


@asynccontextmanager
async def docker_postgres(say: Say) -> AsyncIterator[str]:
    """Run a server in a container and yield the URL of its database. Raises DockerMissing."""
    say(f"PostgreSQL: starting the container {_POSTGRES_IMAGE}")
    async with _started(_postgres) as container:
        yield container.get_connection_url(driver=None)


@asynccontextmanager
async def _started(make: Callable[[], Any]) -> AsyncIterator[Any]:
    try:
        container = await asyncio.to_thread(lambda: make().start())
    except Exception as error:
        raise DockerMissing(
            f"The container could not be started ({type(error).__name__}: {error}). Is a Docker engine running, and "
            "may you use it? Without STACK=docker the machine's own programs are used."
        ) from error
    try:
        yield container
    finally:
        await asyncio.to_thread(container.stop)


def _kafka(port: int) -> Any:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415, only this way of starting needs it
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy  # noqa: PLC0415

    container = DockerContainer(_KAFKA_IMAGE).with_bind_ports(9092, port)
    for name, value in _settings(port).items():
        container.with_env(f"KAFKA_{name}", value)
    return container.waiting_for(LogMessageWaitStrategy("Kafka Server started"))


def _settings(port: int) -> dict[str, str]:
    return {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        # The broker calls itself to mark transactions, and inside the container the host's port is not there.
        "LISTENERS": "HOST://:9092,BROKER://:9094,CONTROLLER://:9093",
        "ADVERTISED_LISTENERS": f"HOST://localhost:{port},BROKER://localhost:9094",
        "INTER_BROKER_LISTENER_NAME": "BROKER",
        "LISTENER_SECURITY_PROTOCOL_MAP": "HOST:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_NUM_PARTITIONS": "4",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
        "SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
    }


def _postgres() -> Any:
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415

    return PostgresContainer(_POSTGRES_IMAGE, driver=None).with_command("postgres -c max_connections=200")
