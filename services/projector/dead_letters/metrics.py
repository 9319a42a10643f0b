"""How many records stand aside, and since when."""

from collections.abc import Sequence

import asyncpg
from prometheus_client import CollectorRegistry, Gauge

_OF = ("projection", "version")

_MEASURE = """
SELECT v.name, v.version, count(d.id) FILTER (WHERE NOT d.behind) AS dead,
       count(d.id) FILTER (WHERE d.behind) AS waiting,
       coalesce(extract(epoch FROM now() - min(d.first_failed_at)), 0)::float8 AS seconds
  FROM projector.projections AS v LEFT JOIN projector.dead_letters AS d ON d.name = v.name AND d.version = v.version
 WHERE v.name = ANY($1::text[]) GROUP BY v.name, v.version
"""


class Standing:
    """Gauges by projection and version, of those versions that there are."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._dead = Gauge("bookstream_dead_letters_standing", "Dead letters", _OF, registry=registry)
        self._waiting = Gauge(
            "bookstream_dead_letters_waiting", "Records that wait behind a dead letter", _OF, registry=registry
        )
        self._age = Gauge(
            "bookstream_dead_letters_age_seconds", "Age of the oldest dead letter", _OF, registry=registry
        )

    async def measure(self, pool: asyncpg.Pool, names: Sequence[str]) -> None:
        """Set the gauges to what is in the table."""
        rows = await pool.fetch(_MEASURE, list(names))
        for gauge in (self._dead, self._waiting, self._age):
            gauge.clear()
        for row in rows:
            of = row["name"], row["version"]
            self._dead.labels(*of).set(row["dead"])
            self._waiting.labels(*of).set(row["waiting"])
            self._age.labels(*of).set(row["seconds"])
