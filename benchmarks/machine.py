"""On what was measured: the machine and the versions."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import asyncpg

from devstack.jars import KAFKA
from devstack.stack import Stack

_PACKAGES = ("aiokafka", "asyncpg", "eventsourcing", "faststream", "msgspec", "pydantic", "uvloop")


async def described(stack: Stack) -> list[str]:
    """Return what to know of the machine, a line each."""
    return [
        f"{_processor()}, {os.cpu_count()} processors, {_memory():.0f} GB, {platform.system()}",
        f"Python {platform.python_version()}, PostgreSQL {await _postgres(stack)}, Kafka {_kafka()}",
        ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    ]


def load() -> str:
    """Return how busy the machine is with other things."""
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9


async def _postgres(stack: Stack) -> str:
    connection = await asyncpg.connect(stack.database_url)
    try:
        settings = {name: await connection.fetchval(f"SHOW {name}") for name in ("server_version", "fsync")}
    finally:
        await connection.close()
    durable = "every commit on disk" if settings["fsync"] == "on" else "fsync off"
    return f"{settings['server_version'].split()[0]} ({durable})"


def _kafka() -> str:
    return "of KAFKA_BOOTSTRAP_SERVERS" if os.environ.get("KAFKA_BOOTSTRAP_SERVERS") else f"{KAFKA} (one node)"
