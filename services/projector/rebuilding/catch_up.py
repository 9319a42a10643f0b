"""Brings a version to given positions, so that two versions stand at the same place of the topic."""

from collections.abc import Mapping, Sequence

from aiokafka import ConsumerRecord, TopicPartition

from services.projector.applying import positions
from services.projector.applying.applier import Applier
from services.projector.applying.faults import passes
from services.projector.applying.positions import Place
from services.projector.rebuilding.history import History
from services.runtime.database import Connection


def behind(known: Mapping[Place, int], target: Mapping[Place, int]) -> int:
    """Return by how many offsets positions are behind others, counting only the partitions where they are."""
    return sum(max(0, position - known.get(place, 0)) for place, position in target.items())


async def catch_up(connection: Connection, history: History, applier: Applier, target: Mapping[Place, int]) -> None:
    """Apply what stands before the target positions, in the caller's transaction.

    Raises VersionGone, and Overtaken where somebody else applies to the version at the same time.
    """
    name, version = applier.name, applier.version
    known, _ = await positions.claim(connection, name=name, version=version)
    starts = {TopicPartition(*place): known.get(place, 0) for place in target}
    ends = {TopicPartition(*place): max(position, known.get(place, 0)) for place, position in target.items()}
    async for read in history.read(starts, ends):
        await _apply(connection, applier, read.records)
    # Markers of transactions are no records, but positions pass them.
    now = await positions.load(connection, name=name, version=version)
    moved = {place: position for place, position in target.items() if position > now.get(place, 0)}
    await positions.advance(connection, name=name, version=version, known=now, moved=moved, applied=0)


async def _apply(connection: Connection, applier: Applier, records: Sequence[ConsumerRecord]) -> None:
    try:
        async with connection.transaction():
            await applier.apply_within(connection, records, singly=False)
    except positions.VersionGone:
        raise
    except Exception as error:
        if passes(error):
            raise
        # It is one record's fault, and that record is set aside when they are applied singly.
        await applier.apply_within(connection, records, singly=True)
