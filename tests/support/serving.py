"""An app served over real HTTP, and a client for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2

from devstack.processes import free_port
from services.runtime.server import serve

DEADLINE = 10.0
"""Seconds."""


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve an app and yield its base URL once it takes connections."""
    port = free_port()
    task = asyncio.create_task(serve(app, host="127.0.0.1", port=port))
    try:
        await connected(port, task)
        yield f"http://127.0.0.1:{port}"
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def connected(port: int, task: asyncio.Future[Any]) -> None:
    """Wait until a port takes connections, or the task that should open it has failed."""
    async with asyncio.timeout(DEADLINE):
        while not task.done():
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.005)
    await task


@asynccontextmanager
async def client_of(app: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """Serve an app and yield a client whose addresses begin there."""
    async with serving(app) as url, httpx2.AsyncClient(base_url=url, timeout=DEADLINE) as client:
        yield client
