"""Several things worked on at the same time, and each of them by one task."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID


class Crew:
    """A few places; what finds none waits. One thing's failure is told to `failed` and does not touch the others."""

    def __init__(
        self,
        group: asyncio.TaskGroup,
        work: Callable[[UUID], Awaitable[None]],
        failed: Callable[[UUID, Exception], Awaitable[None]],
        *,
        places: int,
    ) -> None:
        self._group = group
        self._work = work
        self._failed = failed
        self._places = asyncio.Semaphore(places)
        self._at_it: set[UUID] = set()

    def take(self, one: UUID) -> None:
        """Have something worked on, unless it is already."""
        if one not in self._at_it:
            self._at_it.add(one)
            self._group.create_task(self._do(one))

    async def _do(self, one: UUID) -> None:
        try:
            async with self._places:
                await self._work(one)
        except Exception as error:  # noqa: BLE001, whatever it is, the others go on
            await self._failed(one, error)
        finally:
            self._at_it.discard(one)
