"""What a projection tells of itself."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from services.projector.applying.batch import Batch
from services.projector.records import Occurred

_OF = ("projection", "version")
_BUCKETS = (0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.25, 1, 5, 30, 300, float("inf"))


class Metrics:
    """Counts of one process; `of` gives those of one version of a projection."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.applied = Counter("bookstream_applied", "Events applied", _OF, registry=registry)
        self.passed = Counter("bookstream_passed_over", "Events of unknown type", _OF, registry=registry)
        self.dead = Counter("bookstream_dead_letters", "Records set aside", _OF, registry=registry)
        self.age = Histogram(
            "bookstream_event_age_seconds",
            "From recording an event to its committed row, of the oldest in each batch",
            _OF,
            buckets=_BUCKETS,
            registry=registry,
        )

    def of(self, projection: str, version: int) -> "ProjectionMetrics":
        """Return the metrics of one version."""
        return ProjectionMetrics(self, projection, version)


class ProjectionMetrics:
    """Metrics of one version of a projection."""

    def __init__(self, metrics: Metrics, name: str, version: int) -> None:
        self._applied = metrics.applied.labels(name, version)
        self._passed = metrics.passed.labels(name, version)
        self._dead = metrics.dead.labels(name, version)
        self._age = metrics.age.labels(name, version)

    def count(self, batch: Batch, applied: int, *, now: float) -> None:
        """Count a batch that was committed at `now`, in seconds since 1970."""
        self._applied.inc(applied)
        self._passed.inc(len(batch.unknown))
        self._dead.inc(len(batch.letters))
        oldest = min((event.envelope.time for _, event in batch.readable if type(event) is Occurred), default=None)
        if oldest is not None:
            self._age.observe(max(0.0, now - oldest.timestamp()))
