"""What a projection tells of itself."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from services.projector.applying.batch import Batch
from services.projector.records import Occurred

_BUCKETS = (0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.25, 1, 5, 30, 300, float("inf"))


class Metrics:
    """Counts of one process; `of` gives those of one projection."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.applied = Counter("bookstream_applied", "Events applied", ["projection"], registry=registry)
        self.passed = Counter("bookstream_passed_over", "Events of unknown type", ["projection"], registry=registry)
        self.dead = Counter("bookstream_dead_letters", "Records set aside", ["projection"], registry=registry)
        self.age = Histogram(
            "bookstream_event_age_seconds",
            "From recording an event to its committed row",
            ["projection"],
            buckets=_BUCKETS,
            registry=registry,
        )

    def of(self, projection: str) -> "ProjectionMetrics":
        """Return the metrics of one projection."""
        return ProjectionMetrics(self, projection)


class ProjectionMetrics:
    """Metrics of one projection."""

    def __init__(self, metrics: Metrics, name: str) -> None:
        self._applied = metrics.applied.labels(name)
        self._passed = metrics.passed.labels(name)
        self._dead = metrics.dead.labels(name)
        self._age = metrics.age.labels(name)

    def count(self, batch: Batch, applied: int, *, now: float) -> None:
        """Count a batch that was committed at `now`, in seconds since 1970."""
        self._applied.inc(applied)
        self._passed.inc(len(batch.unknown))
        self._dead.inc(len(batch.letters))
        for _, event in batch.readable:
            if isinstance(event, Occurred):
                self._age.observe(max(0.0, now - event.envelope.time.timestamp()))
