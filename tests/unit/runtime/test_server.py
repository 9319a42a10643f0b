"""A process ends in order: at a signal open requests end first, and one part that fails ends all and is named."""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from fastapi import FastAPI

from services.runtime.server import PartFailed, run_together, serve
from tests.support.serving import DEADLINE, serving


class Part:
    """Runs until it is ended, and remembers how that went."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.ended = False

    async def __call__(self) -> None:
        self.started.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True


async def fails() -> None:
    raise ValueError("guest Lena Vogt is there already")


async def is_refused() -> None:
    raise ConnectionRefusedError("127.0.0.1:9092 refuses")


async def returns() -> None:
    return None


async def gives_up() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_all_parts_without_a_fault(number: int) -> None:
    before = signal.getsignal(number)
    one, other = Part(), Part()
    running = asyncio.create_task(run_together({"one": one, "other": other}))
    await asyncio.gather(one.started.wait(), other.started.wait())
    os.kill(os.getpid(), number)
    await asyncio.wait_for(running, DEADLINE)
    assert (one.ended, other.ended) == (True, True)
    assert signal.getsignal(number) in {before, signal.default_int_handler}


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (fails, "the part 'relay' failed: ValueError; the log says where"),
        (is_refused, "the part 'relay' failed: ConnectionRefusedError: 127.0.0.1:9092 refuses"),
        (returns, "the part 'relay' failed: it ended by itself"),
        (gives_up, "the part 'relay' failed: it ended by itself"),
    ],
)
async def test_a_part_that_ends_ends_the_others_and_is_named(part: Callable[[], Awaitable[None]], said: str) -> None:
    other = Part()
    with pytest.raises(PartFailed) as failure:
        await asyncio.wait_for(run_together({"http": other, "relay": part}), DEADLINE)
    assert str(failure.value) == said
    assert other.ended == other.started.is_set()


async def test_a_request_that_is_open_is_answered_before_the_server_ends() -> None:
    # given a request that waits inside its route
    app, inside, go = FastAPI(), asyncio.Event(), asyncio.Event()

    @app.get("/slow")
    async def slow() -> str:
        inside.set()
        await go.wait()
        return "done"

    # when the server is told to end meanwhile
    async with asyncio.timeout(DEADLINE), httpx2.AsyncClient() as client:
        async with serving(app) as url:
            asked = asyncio.create_task(client.get(f"{url}/slow"))
            await inside.wait()
            asyncio.get_running_loop().call_later(0.05, go.set)
        # then it has answered all the same
        answer = await asked
    assert (answer.status_code, answer.json()) == (200, "done")


async def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=rf"^cannot listen on 127\.0\.0\.1:{port} \(.+\); choose .* with --port$"):
            await serve(FastAPI(), host="127.0.0.1", port=port)
