"""`bookstream ingest` and `bookstream projector` start, say that they are ready, and end in order at a signal."""

import asyncio
import signal
import socket

import httpx2
import pytest

from devstack.processes import free_port
from devstack.stack import Stack
from tests.support.commands import DEADLINE, OWN_SETTINGS, bookstream, ended, started

COMMANDS = ("ingest", "projector")


@pytest.fixture(scope="module")
async def settings(stack: Stack, database_url: str) -> dict[str, str]:
    made = stack.environment | {"DATABASE_URL": database_url} | OWN_SETTINGS
    migrated = await bookstream("migrate", settings=made)
    assert migrated.code == 0, migrated.err
    return made


async def ready(process: asyncio.subprocess.Process, port: int) -> httpx2.Response:
    async with asyncio.timeout(DEADLINE), httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        while process.returncode is None:
            try:
                answer = await client.get("/readyz")
            except httpx2.TransportError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 200:
                return answer
            await asyncio.sleep(0.05)
    pytest.fail(f"it ended: {await ended(process)}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("name", COMMANDS)
async def test_a_service_is_ready_and_a_signal_ends_it_with_0(
    settings: dict[str, str], name: str, number: signal.Signals
) -> None:
    port = free_port()
    async with started(name, "--port", str(port), settings=settings) as process:
        assert (await ready(process, port)).json() == {"status": "ready"}
        process.send_signal(number)
        end = await ended(process)
    assert (end.code, end.out) == (0, "")
    assert "Traceback" not in end.err


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_port_that_is_taken_is_named_and_ends_with_1(settings: dict[str, str], name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        end = await bookstream(name, "--port", str(port), settings=settings)
    assert end.code == 1
    assert end.err.splitlines()[-1].startswith(
        f"bookstream: the part 'http' failed: OSError: cannot listen on 127.0.0.1:{port} ("
    )


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_service_without_any_key_for_tokens_refuses_to_start(settings: dict[str, str], name: str) -> None:
    without = {key: value for key, value in settings.items() if key != "AUTH_JWT_SECRET"}
    end = await bookstream(name, "--port", str(free_port()), settings=without)
    assert end.code == 1
    assert end.err.splitlines()[-1].startswith("bookstream: AUTH_JWKS_URL: not set.")
