"""Serve an app, and run the parts of a process together: one that fails ends them all, a signal ends them in order."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import structlog
import uvicorn
import uvloop

from services.runtime.logs import told

log = structlog.get_logger(__name__)

RARELY = 5_000, 20, 20
"""Objects after which the collector looks at the youngest ones, and how often it looks at older ones."""
TURN = 0.0005
"""Seconds that a thread computes before another one has its turn."""
GRACE = 10
"""Seconds that open requests have to end."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class PartFailed(Exception):
    """A part of the process failed; the message names it."""


def run_in_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run a process' main coroutine to its end, on uvloop."""
    tune_interpreter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


def tune_interpreter() -> None:
    """Let Python look for rings among a process' objects less often, and let its threads take turns more often.

    Batches make and free many objects at once. Looking through them after every 700 took a third of a projection's
    time. And a thread that waits for the database needs its turn after each answer: with Python's 5 ms, an event took
    a fifth longer to its row in the slowest of a hundred cases.
    """
    gc.freeze()
    gc.set_threshold(*RARELY)
    sys.setswitchinterval(TURN)


async def serve(app: Any, *, host: str, port: int) -> None:
    """Serve an ASGI app until cancelled; then open requests end first. Raises OSError when the port is taken."""
    config = uvicorn.Config(
        app, lifespan="off", access_log=False, log_config=None, server_header=False, timeout_graceful_shutdown=GRACE
    )
    server = _Server(config)
    with _listener(host, port) as listener:
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
            raise


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise OSError(f"cannot listen on {host}:{port} ({error.strerror}); choose another place with --port") from None


class _Server(uvicorn.Server):
    """Signals are for the whole process, not for its server alone."""

    def capture_signals(self) -> Any:
        """Capture none."""
        return nullcontext()


async def run_together(parts: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
    """Run parts until SIGTERM or SIGINT; all are ended then. Raises PartFailed, naming the part that failed."""
    tasks: dict[asyncio.Future[Any], str] = {asyncio.ensure_future(part()): name for name, part in parts.items()}
    with _stop_signal() as stop:
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            done, _ = await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end([*tasks, stopping])
    for task in (one for one in tasks if one in done):
        _raise_failure(tasks[task], None if task.cancelled() else task.exception())


@contextmanager
def _stop_signal() -> Iterator[asyncio.Event]:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def _end(tasks: list[asyncio.Future[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _raise_failure(name: str, error: BaseException | None) -> None:
    if error is None:
        raise PartFailed(f"the part '{name}' failed: it ended by itself")
    log.error("part failed", part=name, **told(error))
    # The system's errors name addresses; any other message may hold a row, and so a name.
    detail = f": {error}" if isinstance(error, OSError) else "; the log says where"
    raise PartFailed(f"the part '{name}' failed: {type(error).__name__}{detail}") from error
