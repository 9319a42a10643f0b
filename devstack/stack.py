"""Kafka and PostgreSQL, found or started in this order: the environment, Docker when asked for, this machine."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from devstack.docker import docker_kafka, docker_postgres
from devstack.jars import Say
from devstack.kafka import local_kafka
from devstack.postgres import local_postgres


class StackUnknown(Exception):
    """STACK names no kind of stack."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Where Kafka and PostgreSQL answer."""

    kafka_bootstrap_servers: str
    database_url: str

    @property
    def environment(self) -> dict[str, str]:
        """The two settings as the services read them."""
        return {"KAFKA_BOOTSTRAP_SERVERS": self.kafka_bootstrap_servers, "DATABASE_URL": self.database_url}


@asynccontextmanager
async def open_stack(*, say: Say, durable: bool = True) -> AsyncIterator[Stack]:
    """Find or start both and yield where they answer; what was started here is stopped at the end.

    Raises StackUnknown, JavaMissing, JarsMissing, PostgresMissing, DockerMissing or ProgramFailed; each message says
    what to do. Without `durable` a PostgreSQL that is started here does not wait for the disk.
    """
    _check_kind()
    async with AsyncExitStack() as opened:
        try:
            async with asyncio.TaskGroup() as starting:
                kafka = starting.create_task(opened.enter_async_context(_kafka(say)))
                database = starting.create_task(opened.enter_async_context(_postgres(say, durable=durable)))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        yield Stack(kafka_bootstrap_servers=kafka.result(), database_url=database.result())


def _check_kind() -> None:
    kind = os.environ.get("STACK") or "local"
    if kind not in {"local", "docker"}:
        raise StackUnknown(f"STACK={kind} is not known. Set it to 'docker', or leave it out for this machine's own.")


def _by_docker() -> bool:
    return os.environ.get("STACK") == "docker"


def _kafka(say: Say) -> AbstractAsyncContextManager[str]:
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        return _given("Kafka", "KAFKA_BOOTSTRAP_SERVERS", given, say)
    return docker_kafka(say) if _by_docker() else local_kafka(say)


def _postgres(say: Say, *, durable: bool) -> AbstractAsyncContextManager[str]:
    given = os.environ.get("DATABASE_URL")
    if given:
        return _given("PostgreSQL", "DATABASE_URL", given, say)
    return docker_postgres(say) if _by_docker() else local_postgres(say, durable=durable)


@asynccontextmanager
async def _given(what: str, name: str, address: str, say: Say) -> AsyncIterator[str]:
    say(f"{what}: the one that {name} names")
    yield address
