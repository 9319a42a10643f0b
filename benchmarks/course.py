"""The course on which contestants run: each in a process of its own, watched from outside."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import msgspec

from benchmarks import read_models
from benchmarks.given import Given
from benchmarks.measuring import Role, Sample, Series
from benchmarks.processors import Servers, resident
from devstack.jars import Say

LOOK_EVERY = 0.2
"""Seconds between two looks at the memory of a contestant."""
_ROOT = Path(__file__).parent.parent


class Failed(Exception):
    """A contestant did not do its work; the message shows what it said."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A contestant: its name in the table, its module, what it is given, and the rows that it is to leave."""

    name: str
    module: str
    role: Role
    given: Given
    against: str | None = None
    rows: Mapping[str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Course:
    """How contestants are run: rounds that are counted, a first one that warms up, and where progress is told.

    The first round warms up Kafka, PostgreSQL and the disk, and is not counted.
    """

    rounds: int
    say: Say
    warm_up: bool = True

    async def compare(self, entries: Sequence[Entry]) -> list[Series]:
        """Run the contestants in turns, so that whatever else the machine does falls on all. Raises Failed, Differs."""
        found = [Series(name=one.name, role=one.role, against=one.against) for one in entries]
        for number in range(0 if self.warm_up else 1, self.rounds + 1):
            for entry, series in zip(entries, found, strict=True):
                sample = await measure(entry)
                told = f"round {number} of {self.rounds}" if number else "warm-up"
                self.say(f"  {told}, {entry.name}: {sample.rate:,.0f} a second")
                if number:
                    series.samples.append(sample)
        return found


async def measure(entry: Entry) -> Sample:
    """Run one contestant once. Raises Failed, Differs."""
    given, pipe = entry.given, asyncio.subprocess.PIPE
    servers = Servers.of(database_url=given.database_url, bootstrap_servers=given.bootstrap_servers)
    command = (sys.executable, "-m", "benchmarks.contestant", entry.module)
    program = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=_ROOT)
    try:
        assert program.stdin is not None
        program.stdin.write(msgspec.json.encode(given) + b"\n")
        await _line(entry, program)
        await _settle(given.database_url)
        before = servers.used()
        program.stdin.write(b"go\n")
        watching = asyncio.create_task(_peak(program))
        told = msgspec.json.decode(await _line(entry, program))
        after = servers.used()
        await program.wait()
        await read_models.check(given.database_url, entry.rows or {})
        return _sample(given.events, told, before, after, await watching)
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()


def _sample(
    events: int,
    told: dict[str, float],
    before: tuple[float | None, float | None],
    after: tuple[float | None, float | None],
    peak: float,
) -> Sample:
    postgres, kafka = (
        None if start is None or end is None else end - start for start, end in zip(before, after, strict=True)
    )
    return Sample(
        events=events, seconds=told["seconds"], program=told["processor"], postgres=postgres, kafka=kafka, peak=peak
    )


async def _line(entry: Entry, program: asyncio.subprocess.Process) -> bytes:
    assert program.stdout is not None
    line = await program.stdout.readline()
    if not line:
        raise Failed(f"{entry.name} ended with code {await program.wait()}; what it said stands above.")
    return line


async def _settle(database_url: str) -> None:
    # What the one before wrote is not to be paid for by the next.
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("CHECKPOINT")
    except asyncpg.InsufficientPrivilegeError:
        pass
    finally:
        await connection.close()


async def _peak(program: asyncio.subprocess.Process) -> float:
    found = 0.0
    while program.returncode is None:
        found = max(found, resident(program.pid))
        await asyncio.sleep(LOOK_EVERY)
    return found
