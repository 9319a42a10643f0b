"""Losing a race against another writer means to load and decide again (DESIGN 6.2)."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.ingest.event_store import LostRace

Answer = TypeVar("Answer")

MOST = 20


async def decided(decide_and_save: Callable[[], Awaitable[Answer]]) -> Answer:
    """Run until no other writer was first. Raises LostRace after MOST defeats, which only a defect explains."""
    for _ in range(MOST - 1):
        try:
            return await decide_and_save()
        except LostRace:
            continue
    return await decide_and_save()
