"""A service whose tables are not there yet ends, and says what to do."""

import pytest

from devstack.processes import free_port
from devstack.stack import Stack
from tests.support.commands import OWN_SETTINGS, bookstream


@pytest.mark.parametrize("name", ["ingest", "projector"])
async def test_a_service_without_its_tables_says_to_migrate(stack: Stack, database_url: str, name: str) -> None:
    settings = stack.environment | {"DATABASE_URL": database_url} | OWN_SETTINGS
    end = await bookstream(name, "--port", str(free_port()), settings=settings)
    assert end.code == 1
    assert end.err.startswith("bookstream: ")
    assert "bookstream migrate" in end.err.splitlines()[-1]
