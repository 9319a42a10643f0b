"""Waiting between attempts that must never end: a dead database or broker is waited for, not given up."""

import asyncio


class Backoff:
    """Waits that double from `first` to `most` seconds, and begin anew after a success."""

    def __init__(self, *, first: float = 0.1, most: float = 5.0) -> None:
        self._first = first
        self._most = most
        self._next = first

    async def wait(self) -> None:
        """Wait, twice as long as the last time."""
        await asyncio.sleep(self._next)
        self._next = min(self._next * 2, self._most)

    def reset(self) -> None:
        """Begin anew, after a success."""
        self._next = self._first
