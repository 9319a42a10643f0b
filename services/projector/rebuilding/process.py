"""A worker as a process of its own: begun, waited for, and never left behind.

A pool of the standard library would do, but it learns of the death of its second process only once the first is done.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

from services.projector.rebuilding import worker
from services.projector.rebuilding.worker import Share


async def answer(share: Share) -> str | None:
    """Load a share in a process; return None, or the message of what it was refused with.

    Raises EOFError as soon as the process ended without an answer. One that is not waited for any more is killed.
    """
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(share, sending), daemon=True)
    process.start()
    sending.close()
    try:
        await _readable(receiving)
        return receiving.recv()
    finally:
        process.kill()
        process.join()
        receiving.close()


async def _readable(receiving: Connection) -> None:
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(receiving.fileno(), readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(receiving.fileno())


def _work(share: Share, sending: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells it to all; the parent ends its workers
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.join,), name="end-with-parent", daemon=True).start()
    sending.send(worker.load(share))


def _end_after(wait: Callable[[], None]) -> None:
    wait()
    os._exit(1)
