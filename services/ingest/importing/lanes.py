"""Two batches at a time: while the database writes one, the next is read and decided."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import UUID

LANES = 2
"""Batches in work; the database writes one at a time, and the program decides one at a time."""


@dataclass(kw_only=True)
class Lanes:
    """Work that goes on at once, unless it concerns the same aggregates: that waits its turn, so that it loses no race.

    Leaving waits for all of it, and raises the first error; an error ends the rest.
    """

    _concerned: dict[asyncio.Task[None], set[UUID]] = field(default_factory=dict[asyncio.Task[None], set[UUID]])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            while self._concerned and error is None:
                await self._one_less()
        finally:
            for task in self._concerned:
                task.cancel()
            await asyncio.gather(*self._concerned, return_exceptions=True)

    async def start(self, work: Coroutine[Any, Any, None], *, concerned: set[UUID]) -> None:
        """Begin as soon as a lane is free and nothing in work concerns the same. Raises what other work raised."""
        try:
            while len(self._concerned) == LANES or any(concerned & other for other in self._concerned.values()):
                await self._one_less()
        except BaseException:
            work.close()
            raise
        self._concerned[asyncio.create_task(work)] = concerned

    async def _one_less(self) -> None:
        done, _ = await asyncio.wait(self._concerned, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            del self._concerned[task]
            task.result()
