"""What a contestant is given, and its stopwatch."""

import resource
import time
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Given:
    """Where Kafka and PostgreSQL are, which projections are meant, and after how many events to stop."""

    database_url: str
    bootstrap_servers: str
    names: tuple[str, ...] = ()
    events: int = 0


def used() -> float:
    """Return the processor seconds of this process, and of its children that have ended."""
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


@dataclass(slots=True)
class Stopwatch:
    """Seconds of the clock and of the processor since it was made, until it is stopped."""

    _began: float = field(default_factory=time.monotonic)
    _used: float = field(default_factory=used)
    _stopped: tuple[float, float] | None = None

    def stop(self) -> None:
        """Stop; what comes afterwards is tidying up. The first call counts."""
        self._stopped = self._stopped or self._now()

    @property
    def read(self) -> tuple[float, float]:
        """The seconds of the clock and of the processor."""
        return self._stopped or self._now()

    def _now(self) -> tuple[float, float]:
        return time.monotonic() - self._began, used() - self._used
