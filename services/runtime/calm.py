"""Calm logs: what a library says again and again while a broker or a database is away is told now and then."""

import logging
import time
from collections.abc import Callable

EVERY = 10.0
"""Seconds between two lines that say the same."""
MOST_KEPT = 1000
"""Different lines that are remembered; beyond it all are forgotten, and each is told anew."""


class Calm(logging.Filter):
    """Lets a line through once in ten seconds, with how many like it were left out before it.

    Lines are alike when logger, level and text are, whatever is filled into the text.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a line is told; add to it what was left out."""
        like, now = (record.name, record.levelno, str(record.msg)), self._clock()
        told_at, left_out = self._told.get(like, (None, 0))
        if told_at is not None and now - told_at < EVERY:
            self._told[like] = told_at, left_out + 1
            return False
        if len(self._told) >= MOST_KEPT:
            self._told.clear()
        self._told[like] = now, 0
        if left_out:
            record.msg = f"{record.msg} (and {left_out} times more before)"
        return True
