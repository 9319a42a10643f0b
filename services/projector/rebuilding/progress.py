"""How far a rebuild has come."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from aiokafka import TopicPartition

Step = Literal["reading", "indexing", "done"]


@dataclass(slots=True)
class Progress:
    """Offsets passed, of how many; markers of transactions count. Rates are a second's, times are seconds."""

    step: Step = "reading"
    resumed: bool = False
    _starts: Mapping[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])
    _reached: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])
    total: int = 0
    _began: float = field(default_factory=time.monotonic)

    def begin(self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int], *, resumed: bool) -> None:
        """Say what there is to read; a rebuild that goes on begins where it was interrupted."""
        self._starts, self._reached, self.resumed = starts, dict(starts), resumed
        self.total, self._began = sum(ends.values()) - sum(starts.values()), time.monotonic()

    def reach(self, positions: Mapping[TopicPartition, int]) -> None:
        """Note how far was read."""
        self._reached.update(positions)

    @property
    def done(self) -> int:
        """Offsets passed."""
        return sum(self._reached.values()) - sum(self._starts.values())

    @property
    def seconds(self) -> float:
        """Time since the beginning."""
        return max(time.monotonic() - self._began, 1e-6)

    @property
    def rate(self) -> float:
        """Offsets a second since the beginning."""
        return self.done / self.seconds

    @property
    def left(self) -> float | None:
        """Seconds left at this rate, None where nothing was read yet."""
        return max(0, self.total - self.done) / self.rate if self.done else None
