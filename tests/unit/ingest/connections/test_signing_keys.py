"""Keys are remembered until the database tells of a change, and never longer because of a race with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast
from uuid import UUID

from services.ingest.connections.rows import Rows
from services.ingest.connections.signing_keys import StoredSigningKeys
from services.ingest.notices import Notices
from services.ingest.secrets.vault import Vault

CONNECTION = UUID("00000000-0000-4000-8000-0000000000c1")
VAULT = Vault([b"k" * 32])


class Table:
    """Holds one connection's keys; an answer that is held back is that of the moment of the question."""

    def __init__(self, *keys: bytes) -> None:
        self.keys: list[bytes] | None = [VAULT.seal(key, owner=CONNECTION) for key in keys]
        self.reads = 0
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()

    async def sealed_keys(self, _: UUID) -> list[bytes] | None:
        found = self.keys
        self.reads += 1
        self.asked.set()
        await self.answers.wait()
        return found


@asynccontextmanager
async def signing_keys(table: Table, notices: Notices) -> AsyncIterator[StoredSigningKeys]:
    keys = StoredSigningKeys(cast(Rows, cast(Any, table)), VAULT, notices)
    task = asyncio.create_task(keys.forget_when_told())
    try:
        yield keys
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def told(notices: Notices) -> None:
    """Tell of a change and let it be heard."""
    notices.tell()
    for _ in range(5):
        await asyncio.sleep(0)


async def test_keys_are_read_once() -> None:
    table = Table(b"first", b"second")
    async with signing_keys(table, Notices()) as keys:
        assert [await keys.keys_of(CONNECTION) for _ in range(3)] == [(b"first", b"second")] * 3
    assert table.reads == 1


async def test_an_unknown_connection_is_remembered_too() -> None:
    table = Table()
    table.keys = None
    async with signing_keys(table, Notices()) as keys:
        assert [await keys.keys_of(CONNECTION) for _ in range(2)] == [None, None]
    assert table.reads == 1


async def test_after_a_change_was_told_they_are_read_again() -> None:
    table, notices = Table(b"first"), Notices()
    async with signing_keys(table, notices) as keys:
        await keys.keys_of(CONNECTION)
        table.keys = None
        await told(notices)
        assert await keys.keys_of(CONNECTION) is None


async def test_an_answer_that_a_change_overtook_is_not_remembered() -> None:
    # given a read that is under way
    table, notices = Table(b"first"), Notices()
    table.answers.clear()
    async with signing_keys(table, notices) as keys:
        reading = asyncio.create_task(keys.keys_of(CONNECTION))
        await table.asked.wait()
        # when the connection ends and is told before the read has its answer
        table.keys = None
        await told(notices)
        table.answers.set()
        assert await reading == (b"first",)
        # then the next question is asked anew
        assert await keys.keys_of(CONNECTION) is None
