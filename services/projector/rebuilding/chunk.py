"""What a rebuild folded of some partitions and has not stored yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord, TopicPartition

from services.projector.applying import dead_letters, positions
from services.projector.applying.batch import sort_out
from services.projector.applying.dead_letters import DeadLetter, storable
from services.projector.applying.positions import Place
from services.projector.projections import Projection
from services.projector.records import key_text
from services.runtime.database import Connection


@dataclass(slots=True)
class Chunk:
    """Changes by key, records that could not be read, and where each partition stands after them."""

    projection: Projection
    version: int
    known: dict[Place, int]
    held: set[str]
    changes: dict[UUID, Any] = field(default_factory=dict[UUID, Any])
    letters: list[DeadLetter] = field(default_factory=list[DeadLetter])
    moved: dict[Place, int] = field(default_factory=dict[Place, int])
    applied: int = 0

    def take(self, records: Sequence[ConsumerRecord], reached: Mapping[TopicPartition, int]) -> None:
        """Fold records, after which the partitions stand where `reached` says."""
        batch = sort_out(records, held=self.held, null_erases=self.projection.null_erases)
        self.projection.fold((event for _, event in batch.readable), self.changes)
        self.applied += len(batch.readable)
        self.letters += batch.letters
        self.held |= {storable(key_text(letter.record)) for letter in batch.letters}
        self.moved |= {(place.topic, place.partition): position for place, position in reached.items()}

    async def store(self, connection: Connection) -> None:
        """Store everything in one transaction. Raises Overtaken where somebody else moved the positions."""
        name, version = self.projection.name, self.version
        async with connection.transaction():
            await self.projection.copy(connection, self.changes, version=version)
            await dead_letters.store(connection, self.letters, name=name, version=version)
            await positions.advance(
                connection, name=name, version=version, known=self.known, moved=self.moved, applied=self.applied
            )

    def next(self) -> "Chunk":
        """Return an empty chunk that goes on after this one."""
        return Chunk(self.projection, self.version, known={**self.known, **self.moved}, held=self.held)
