"""What is measured, and the arithmetic of it: medians and ranges over rounds. Pure."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["project", "baseline", "limit"]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One round: events, wall-clock seconds, and the processor seconds of all that worked on them.

    `postgres` and `kafka` are None where they run elsewhere. `peak` is the most resident memory of the program with
    its children, in megabytes of 1,000,000 bytes.
    """

    events: int
    seconds: float
    program: float
    postgres: float | None = None
    kafka: float | None = None
    peak: float = 0.0

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


@dataclass(frozen=True)
class Spread:
    """Median and range of some figures."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.median:,.0f}"
        return f"{self.median:,.0f} ({self.low:,.0f} to {self.high:,.0f})"


def spread(values: Iterable[float]) -> Spread:
    """Return median and range. Raises statistics.StatisticsError where there are none."""
    found = sorted(values)
    return Spread(statistics.median(found), found[0], found[-1])


@dataclass(kw_only=True)
class Series:
    """The rounds of one contestant; `against` names the one that it is compared with.

    Latencies have `percentiles` in milliseconds, and no samples.
    """

    name: str
    role: Role
    against: str | None = None
    samples: list[Sample] = field(default_factory=list[Sample])
    percentiles: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def rate(self) -> Spread:
        """Events a second."""
        return spread(one.rate for one in self.samples)

    @property
    def events(self) -> int:
        """Events of a round."""
        return round(statistics.median(one.events for one in self.samples))

    @property
    def seconds(self) -> float:
        """Seconds of the middle round."""
        return statistics.median(one.seconds for one in self.samples)

    @property
    def peak(self) -> float:
        """The most memory of all rounds, in megabytes."""
        return max(one.peak for one in self.samples)

    def micros(self, of: Literal["program", "postgres", "kafka"]) -> float | None:
        """Return the microseconds of processor time for an event, the median; None where it is not known."""
        found = [used / one.events * 1e6 for one in self.samples if (used := getattr(one, of)) is not None]
        return statistics.median(found) if found else None


@dataclass(kw_only=True)
class Finding:
    """What one benchmark found."""

    key: str
    title: str
    unit: str
    note: str = ""
    measured_at: str = ""
    series: list[Series] = field(default_factory=list[Series])

    def named(self, name: str) -> Series:
        """Return a contestant's series. Raises StopIteration where there is none."""
        return next(one for one in self.series if one.name == name)

    def ratio(self, one: Series) -> float | None:
        """Return how many times as fast a contestant is as the one it is compared with."""
        if one.against is None or not one.samples:
            return None
        return one.rate.median / self.named(one.against).rate.median


def percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    """Return the percentiles that are told of latencies."""
    cuts = statistics.quantiles(milliseconds, n=100)
    return {"p50": cuts[49], "p90": cuts[89], "p95": cuts[94], "p99": cuts[98], "max": max(milliseconds)}
