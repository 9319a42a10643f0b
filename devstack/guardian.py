"""A guardian runs one program and ends it when its owner is gone, however the owner ended.

The owner holds the other end of the guardian's standard input. When it closes, because the owner closed it, failed or
was killed, the program's whole process group is stopped and its folder removed. Its one argument is an `Order` as JSON.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from dataclasses import asdict, dataclass, field

TAIL = 12
"""Lines of a failed program's output that the owner is told, for the log goes with the folder."""
STOP_WITHIN = 8.0
"""Seconds that a program has to stop in order, before it is killed."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to run, where its output goes, as which user, how to stop it, and what to remove afterwards."""

    command: list[str]
    log: str
    environment: dict[str, str] = field(default_factory=dict[str, str])
    user: int | None = None
    group: int | None = None
    stop_signal: int = signal.SIGTERM
    remove: str | None = None

    def as_argument(self) -> str:
        """Return the order as the guardian's one argument."""
        return json.dumps(asdict(self))


def guard(order: Order) -> int:
    """Run the program until it ends or the owner is gone; return its exit code, 127 where it cannot be started."""
    try:
        return _guard(order)
    finally:
        if order.remove is not None:
            shutil.rmtree(order.remove, ignore_errors=True)


def _guard(order: Order) -> int:
    try:
        program = _start(order)
    except OSError as error:
        sys.stderr.write(f"{order.command[0]}: {error.strerror}\n")
        return 127
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the owner decides, and a closed pipe is how it says so
    sys.stdout.write(f"{program.pid}\n")
    sys.stdout.flush()
    threading.Thread(target=_stop_when_alone, args=(program, order), daemon=True).start()
    code = program.wait()
    _signal_group(program.pid, signal.SIGKILL)  # whatever the program itself left behind
    if code > 0:
        sys.stdout.write(_tail(order.log))
        sys.stdout.flush()
    return code if code >= 0 else 128 - code


def _tail(log: str) -> str:
    with open(log, encoding="utf-8", errors="replace") as lines:
        return "".join(deque(lines, TAIL))


def _start(order: Order) -> subprocess.Popen[bytes]:
    with open(order.log, "ab") as log:
        return subprocess.Popen(
            order.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | order.environment,
            user=order.user,
            group=order.group,
            extra_groups=[] if order.user is not None else None,
            start_new_session=True,
            cwd="/" if order.user is not None else None,
        )


def _stop_when_alone(program: subprocess.Popen[bytes], order: Order) -> None:
    while os.read(0, 1024):  # unbuffered: this thread must not hold a lock when the interpreter ends
        pass
    _signal(program.pid, order.stop_signal)
    try:
        program.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        _signal_group(program.pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(guard(Order(**json.loads(sys.argv[1]))))
