"""The projector's tables, emptied for each test."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.runtime.database import pool as database_pool
from tests.support.projector import tables


@pytest.fixture(scope="module")
async def migrated(database_url: str) -> str:
    await tables(database_url)
    return database_url


@pytest.fixture
async def pool(migrated: str) -> AsyncIterator[asyncpg.Pool]:
    async with database_pool(migrated) as opened:
        await opened.execute(
            "TRUNCATE projector.appointments_v1, projector.contacts_v1, projector.positions, projector.dead_letters;"
        )
        await opened.execute("UPDATE projector.projections SET events_applied = 0")
        yield opened
