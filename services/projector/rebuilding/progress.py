"""How far a rebuild has come: offsets whose chunks are stored, and would outlive a kill."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from services.projector.applying.positions import Place

Step = Literal["reading", "indexing", "done"]


@dataclass(slots=True)
class Progress:
    """Offsets passed, of how many; markers of transactions count. Rates are a second's, times are seconds."""

    step: Step = "reading"
    resumed: bool = False
    total: int = 0
    done: int = 0
    _from: int = 0
    _began: float = field(default_factory=time.monotonic)

    def begin(self, starts: Mapping[Place, int], ends: Mapping[Place, int], *, resumed: bool) -> None:
        """Say what there is to read; a rebuild that goes on begins where it was interrupted."""
        self.resumed, self._from, self._began = resumed, sum(starts.values()), time.monotonic()
        self.total = sum(ends.values()) - self._from

    def reach(self, positions: Mapping[Place, int]) -> None:
        """Note the stored positions."""
        self.done = sum(positions.values()) - self._from

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
        """Seconds left at this rate, None where nothing was stored yet."""
        return max(0, self.total - self.done) / self.rate if self.done else None
