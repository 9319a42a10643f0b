"""One migrated database for a module, a subaccount of its own for each test."""

from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.importing import Imports, Paused, open_imports
from tests.support.ingest import tables


@pytest.fixture(scope="module")
async def migrated(database_url: str) -> str:
    await tables(database_url)
    return database_url


@pytest.fixture(scope="module")
async def subaccounts(migrated: str) -> AsyncIterator[Callable[[], Imports]]:
    async with open_imports(migrated) as opened:
        yield opened


@pytest.fixture
def imports(subaccounts: Callable[[], Imports]) -> Imports:
    return subaccounts()


@pytest.fixture
async def paused(migrated: str) -> AsyncIterator[Paused]:
    async with Paused.open(migrated) as opened:
        assert isinstance(opened, Paused)
        yield opened
