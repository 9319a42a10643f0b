"""A batch of records, sorted: what is applied, what is passed over, what is set aside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord

from services.projector.applying.dead_letters import DeadLetter, storable
from services.projector.applying.positions import Place
from services.projector.records import Erased, Occurred, Unknown, Unreadable, key_text, read

BEHIND = "waits behind an earlier record of its key"


@dataclass(slots=True)
class Batch:
    """Records that are new to the projection. `moved` says where each partition stands after them."""

    readable: list[tuple[ConsumerRecord, Occurred | Erased]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    moved: dict[Place, int] = field(default_factory=dict)


def fresh(records: Iterable[ConsumerRecord], known: Mapping[Place, int]) -> list[ConsumerRecord]:
    """Return the records that lie at or after the known positions: the others were applied before."""
    return [one for one in records if one.offset >= known.get((one.topic, one.partition), 0)]


def sort_out(records: Iterable[ConsumerRecord], *, held: set[str], null_erases: bool) -> Batch:
    """Read each record; one that is unreadable goes to the dead letters, and later ones of its key behind it."""
    batch, stuck = Batch(), set(held)
    for record in records:
        batch.moved[record.topic, record.partition] = record.offset + 1
        if stuck and storable(key_text(record)) in stuck:
            batch.letters.append(DeadLetter(record, BEHIND, behind=True))
            continue
        try:
            told = read(record, null_erases=null_erases)
        except Unreadable as fault:
            stuck.add(storable(key_text(record)))
            batch.letters.append(DeadLetter(record, str(fault), type(fault).__name__))
        else:
            _take(batch, record, told)
    return batch


def _take(batch: Batch, record: ConsumerRecord, told: Occurred | Erased | Unknown) -> None:
    if type(told) is Unknown:
        batch.unknown.append(told.type)
    else:
        batch.readable.append((record, told))
