"""A Calendly stand-in in a process of its own, for tests."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from devstack.calendly.admin_client import CalendlyAdmin


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """Where it is, and what drives it."""

    url: str
    admin: CalendlyAdmin


@asynccontextmanager
async def calendly_stand_in() -> AsyncIterator[StandIn]:
    """Run a stand-in on a free port as long as the context lasts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "devstack.calendly", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            url = json.loads(await process.stdout.readline())["url"]
        async with CalendlyAdmin.open(url) as admin:
            yield StandIn(url=url, admin=admin)
    finally:
        process.terminate()
        await process.wait()
