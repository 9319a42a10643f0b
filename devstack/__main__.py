"""`python -m devstack demo | up | stack`: the first two are what the Makefile's targets of the same names run."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from devstack.alone import stack
from devstack.demo.run import demo
from devstack.docker import DockerMissing
from devstack.jars import JarsMissing
from devstack.java import JavaMissing
from devstack.postgres import PostgresMissing
from devstack.processes import ProgramFailed
from devstack.stack import StackUnknown
from devstack.up import up

FORESEEN = (DockerMissing, JarsMissing, JavaMissing, PostgresMissing, ProgramFailed, StackUnknown)
COMMANDS: dict[str, Callable[[], Coroutine[Any, Any, bool | None]]] = {"demo": demo, "up": up, "stack": stack}


def main() -> int:
    """Run a command; return 0 when it did what it should, 1 when not."""
    parser = argparse.ArgumentParser(prog="devstack", description="Bookstream on this machine.")
    parser.add_argument("command", choices=COMMANDS)
    command = COMMANDS[parser.parse_args().command]
    try:
        return 1 if asyncio.run(_stoppable(command())) is False else 0
    except FORESEEN as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


async def _stoppable(work: Coroutine[Any, Any, bool | None]) -> bool | None:
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


if __name__ == "__main__":
    sys.exit(main())
