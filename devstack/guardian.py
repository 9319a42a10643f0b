"""A guardian runs one program and ends it when its owner is gone, however the owner ended.

The owner writes an `Order` as one line of JSON to the guardian's standard input and keeps its end open. When that
closes, because the owner closed it, failed or was killed, the program's whole process group is stopped and its folder
removed. The order does not stand on the command line, where every user of the machine could read its secrets.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass, field

TAIL = 12
"""Lines of a failed program's output that the owner is told, for the log goes with the folder."""
TOLD = 8_000
"""Characters of them at most: what a pipe takes although nobody reads it yet."""
STOP_WITHIN = 8.0
"""Seconds that a program has to stop in order, before it is killed, unless its order says otherwise."""
REMOVED_WITHIN = 5.0
"""Seconds that the last processes of a program have to let go of its folder."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to run, where its output goes, as which user, how to stop it, and what to remove afterwards."""

    command: list[str]
    log: str
    environment: dict[str, str] = field(default_factory=dict[str, str])
    user: int | None = None
    group: int | None = None
    stop_signal: int = signal.SIGTERM
    stop_within: float = STOP_WITHIN
    remove: str | None = None

    def as_line(self) -> bytes:
        """Return the order as the line that a guardian reads."""
        return json.dumps(asdict(self)).encode() + b"\n"


def guard(order: Order) -> int:
    """Run the program until it ends or the owner is gone; return its exit code, 127 where it cannot be started."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The owner decides, and a closed pipe is how it says so. A handler, since ignoring would pass to the program.
        signal.signal(number, lambda *_: None)
    try:
        return _guard(order)
    finally:
        if order.remove is not None:
            _remove(order.remove)


def _guard(order: Order) -> int:
    try:
        program = _start(order)
    except OSError as error:
        sys.stderr.write(f"{order.command[0]}: {error.strerror}\n")
        return 127
    threading.Thread(target=_stop_when_alone, args=(program, order), daemon=True).start()
    try:
        _tell(f"{program.pid}\n")
        code = program.wait()
    finally:
        _signal_group(program.pid, signal.SIGKILL)  # whatever the program itself left behind
    if code != 0:
        _tell(_tail(order.log))
    return code if code >= 0 else 128 - code


def _tell(text: str) -> None:
    with suppress(BrokenPipeError):  # nobody hears it any more; the program is stopped all the same
        os.write(sys.stdout.fileno(), text.encode())


def _tail(log: str) -> str:
    with open(log, encoding="utf-8", errors="replace") as lines:
        return "".join(deque(lines, TAIL))[-TOLD:]


def _remove(folder: str) -> None:
    deadline = time.monotonic() + REMOVED_WITHIN
    while os.path.exists(folder) and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)  # fails where a process that is ending still writes
        time.sleep(0.02)


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
    while os.read(sys.stdin.fileno(), 1024):  # unbuffered: this thread must not hold a lock when the interpreter ends
        pass
    _signal(program.pid, order.stop_signal)
    try:
        program.wait(order.stop_within)
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


def main() -> int:
    """Read the order and carry it out; nothing to do where the owner was gone before it gave one."""
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as owner:
        line = owner.readline()
    return guard(Order(**json.loads(line))) if line.endswith(b"\n") else 0


if __name__ == "__main__":
    sys.exit(main())
