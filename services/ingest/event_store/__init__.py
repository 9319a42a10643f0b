"""The event store: aggregates on PostgreSQL, whose log is the outbox that the relay follows (DESIGN 6.3, 6.4)."""

from services.ingest.event_store.recorder import LostRace, Statement
from services.ingest.event_store.store import UNAVAILABLE, EventStore, LogEntry

__all__ = ["UNAVAILABLE", "EventStore", "LogEntry", "LostRace", "Statement"]
