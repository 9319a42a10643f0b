"""The topics of DESIGN 3, read from `topics.toml`."""

import tomllib
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, PositiveInt

DAY = 24 * 60 * 60 * 1000
"""Milliseconds."""


class Topic(BaseModel):
    """One topic: what it is called, what its records are keyed by, how long they are kept, and who writes them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    key: str
    retention: Literal["for ever", "compacted", "30 days"]
    partitions: PositiveInt
    owner: Literal["ingest", "projector"]
    personal_data: bool
    events: tuple[str, ...]

    @property
    def settings(self) -> dict[str, str]:
        """Return Kafka's topic configuration for the retention."""
        return {
            "for ever": {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"},
            # Who is erased is gone from the disk a day later, and the null that says so stays for whoever replays.
            "compacted": {
                "cleanup.policy": "compact",
                "delete.retention.ms": str(36_500 * DAY),
                "max.compaction.lag.ms": str(DAY),
            },
            "30 days": {"cleanup.policy": "delete", "retention.ms": str(30 * DAY)},
        }[self.retention]


def _read() -> tuple[Topic, ...]:
    text = files("bookstream_contracts").joinpath("topics.toml").read_text(encoding="utf-8")
    return tuple(Topic.model_validate(row) for row in tomllib.loads(text)["topic"])


TOPICS: tuple[Topic, ...] = _read()


_BY_EVENT = {name: topic for topic in TOPICS for name in topic.events}


def topic_of(event_type: str) -> Topic:
    """Return the topic on which a `ce_type` stands. Raises KeyError for a type that is on none."""
    return _BY_EVENT[event_type]
