"""Programs started under a guardian, and waiting for them: nothing started here outlives its owner."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from devstack.guardian import TAIL, Order

LOOK_EVERY = 0.03
"""Seconds between two looks at a condition."""


class ProgramFailed(Exception):
    """A program ended or did not become ready; the message shows its last lines of output."""


class Program:
    """A running program."""

    def __init__(self, name: str, order: Order) -> None:
        self.name = name
        self._log = Path(order.log)
        self._told = ""
        self._stop_within = order.stop_within
        self._guardian = subprocess.Popen(
            [sys.executable, "-m", "devstack.guardian", order.log],  # the log only names it in a list of processes
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            cwd=Path(__file__).parent.parent,
        )
        assert self._guardian.stdin is not None
        assert self._guardian.stdout is not None
        with suppress(BrokenPipeError):
            self._guardian.stdin.write(order.as_line())
        first = self._guardian.stdout.readline()
        if not first:
            raise ProgramFailed(f"{name} could not be started: {order.command[0]}")
        self.pid = int(first)

    @property
    def alive(self) -> bool:
        """Tell whether the program runs."""
        return self._guardian.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The program's exit code; None while it runs."""
        return self._guardian.poll()

    def kill(self) -> None:
        """Kill the program at once (SIGKILL), as a crash would."""
        os.kill(self.pid, signal.SIGKILL)

    def tail(self) -> str:
        """Return the last lines of the program's output; of one that failed, as its guardian told them."""
        if not self.alive and self.exit_code:
            assert self._guardian.stdout is not None
            self._told += self._guardian.stdout.read().decode(errors="replace")
            return self._told
        with self._log.open(encoding="utf-8", errors="replace") as lines:
            return "".join(deque(lines, TAIL))

    async def stop(self) -> None:
        """Stop the program in order; when the time that its order gives is over, it is killed."""
        assert self._guardian.stdin is not None
        self._guardian.stdin.close()
        await asyncio.to_thread(self._guardian.wait, self._stop_within + 10)

    async def ready(self, condition: Callable[[], Awaitable[bool]], *, within: float) -> None:
        """Wait until a condition holds. Raises ProgramFailed when the program ends before, or time runs out."""
        deadline = time.monotonic() + within
        while not (await condition() and self.alive):  # another program's port could have answered
            if not self.alive:
                raise ProgramFailed(f"{self.name} ended with code {self.exit_code}. Its last lines:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise ProgramFailed(f"{self.name} was not ready within {within:g} s. Its last lines:\n{self.tail()}")
            await asyncio.sleep(LOOK_EVERY)


@asynccontextmanager
async def running(name: str, order: Order) -> AsyncIterator[Program]:
    """Run a program as long as the context lasts."""
    program = Program(name, order)
    try:
        yield program
    finally:
        await program.stop()


def told_to_stop() -> asyncio.Event:
    """Return what Ctrl-C or SIGTERM sets from now on. Ask for it before anybody is told that they may come."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


def free_port() -> int:
    """Return a TCP port of the loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def port_is_open(port: int) -> bool:
    """Tell whether something listens on a port of the loopback."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
