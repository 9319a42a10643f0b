"""The command `bookstream` as a process of its own."""

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

BOOKSTREAM = str(Path(sys.executable).with_name("bookstream"))
DEADLINE = 60.0
"""Seconds."""

OWN_SETTINGS = {
    "AUTH_JWT_SECRET": "a secret for tests, of enough letters",
    "PUBLIC_URL": "http://localhost:8000",
    "CALENDLY_API_URL": "http://127.0.0.1:9",
    "SECRETS_KEY": base64.b64encode(bytes(32)).decode(),
}
"""What the services need besides Kafka and PostgreSQL; at this Calendly nobody answers."""

_SETTINGS = ("DATABASE_URL", "INGEST_", "PROJECTOR_", "KAFKA_", "AUTH_", "PUBLIC_", "CALENDLY_", "SECRETS_", "RECON")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int | None
    out: str
    err: str


@asynccontextmanager
async def started(*arguments: str, settings: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the command with these settings and no others; it is killed if it still runs at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        BOOKSTREAM, *arguments, env={**kept, **settings}, stdout=pipe, stderr=pipe, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ended(process: asyncio.subprocess.Process) -> Ended:
    """Wait until a command has ended."""
    out, err = await asyncio.wait_for(process.communicate(), DEADLINE)
    return Ended(process.returncode, out.decode(), err.decode())


async def bookstream(*arguments: str, settings: Mapping[str, str]) -> Ended:
    """Run the command to its end."""
    async with started(*arguments, settings=settings) as process:
        return await ended(process)
