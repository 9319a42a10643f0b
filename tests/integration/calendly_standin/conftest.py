"""The stand-in as its own process, one for the session; each test begins with nothing in it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator

import httpx2
import pytest

from devstack.calendly.admin_client import CalendlyAdmin
from tests.integration.calendly_standin.receiver import Receiver, Studio, receiving


@pytest.fixture(scope="session")
async def url() -> AsyncIterator[str]:
    """Where the stand-in is."""
    command = [sys.executable, "-m", "devstack.calendly", "--port", "0", "--retry-delay", "0.05"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            ready = json.loads(await process.stdout.readline())
        yield ready["url"]
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture(scope="session")
async def http(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the stand-in, as it is for everybody."""
    async with httpx2.AsyncClient(base_url=url) as client:
        yield client


@pytest.fixture
async def admin(http: httpx2.AsyncClient) -> CalendlyAdmin:
    """The admin interface of an empty stand-in."""
    client = CalendlyAdmin(http)
    await client.reset()
    return client


@pytest.fixture
async def studio(http: httpx2.AsyncClient, admin: CalendlyAdmin) -> Studio:
    """An organization with an owner, a member and a calendar."""
    organization = await admin.organization(name="Harbour Studio", plan="teams")
    owner = await admin.user(organization, "Ann Berg", role="owner")
    member = await admin.user(organization, "Bo Lind")
    calendar = await admin.event_type(organization, "Intro call", hosts=[owner], owner=owner.uri)
    return Studio(admin=admin, http=http, organization=organization, owner=owner, member=member, calendar=calendar)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver of deliveries."""
    async with receiving() as running:
        yield running
