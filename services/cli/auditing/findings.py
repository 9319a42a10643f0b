"""What the audit compares, and what it finds. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

Kind = Literal["lost", "doubled", "unknown", "gap", "row missing", "row too many", "row stale", "dead letter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A published event in the event store."""

    type: str
    aggregate: UUID
    sequence: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTopic:
    """A record on a topic; `type` is None for a null value, which erases its key."""

    topic: str
    partition: int
    offset: int
    aggregate: UUID
    type: str | None
    sequence: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is off, and which event or row it is."""

    kind: Kind
    where: str
    type: str | None
    aggregate: UUID
    sequence: int | None
    position: int | None


@dataclass(slots=True)
class Row:
    """What a projection has, or should have, of an aggregate: the sequence that it was last changed by."""

    sequence: int
    exists: bool


@dataclass(slots=True)
class Aggregate:
    """What stands on a topic of one aggregate: sequences in the order of offsets, and whether it was erased last."""

    sequences: list[int] = field(default_factory=list[int])
    erased: bool = False


def compare_topic(
    topic: str, stored: Sequence[Stored], records: Iterable[OnTopic], *, upto: int, compacted: bool
) -> list[Finding]:
    """Compare the stored events up to a log position with the records of their topic.

    Every event stands there once and in order. On a compacted topic an aggregate's newest is enough, and none is needed
    for one that was erased.
    """
    known = {(one.aggregate, one.sequence): one for one in stored}
    counts, by_aggregate, found = Counter[tuple[UUID, int]](), defaultdict[UUID, Aggregate](Aggregate), list[Finding]()
    for record in records:
        aggregate = by_aggregate[record.aggregate]
        aggregate.erased = record.type is None
        if record.type is None or record.position > upto:
            continue
        key = record.aggregate, record.sequence
        counts[key] += 1
        if key not in known:
            found.append(_of_record("unknown", record))
        elif aggregate.sequences and record.sequence < aggregate.sequences[-1]:
            found.append(_of_record("gap", record))
        aggregate.sequences.append(record.sequence)
    found += [_of_stored("doubled", topic, known[key]) for key, count in counts.items() if count > 1 and key in known]
    newest = _newest(stored) if compacted else None
    for key, one in known.items():
        needed = newest is None or (newest[one.aggregate] == one.sequence and not by_aggregate[one.aggregate].erased)
        if needed and not counts[key]:
            found.append(_of_stored("lost", topic, one))
    return found


def compare_rows(
    projection: str,
    rows: Mapping[UUID, Row],
    expected: Mapping[UUID, Row],
    *,
    waiting: frozenset[UUID],
    discarded: frozenset[UUID],
) -> list[Finding]:
    """Compare a projection's rows with what the records before its positions make; keys with dead letters wait.

    Keys of which a record was discarded are not compared: their rows are what a person decided.
    """
    found = [_of_row("dead letter", projection, one, None) for one in sorted(waiting)]
    for one in sorted((rows.keys() | expected.keys()) - waiting - discarded):
        has, should = rows.get(one), expected.get(one)
        there, wanted = bool(has and has.exists), bool(should and should.exists)
        if wanted and not there:
            found.append(_of_row("row missing", projection, one, should))
        elif there and not wanted:
            found.append(_of_row("row too many", projection, one, has))
        elif there and has and should and has.sequence != should.sequence:
            found.append(_of_row("row stale", projection, one, has))
    return found


def expected_rows(records: Iterable[OnTopic], positions: Mapping[int, int], *, ends_with: str) -> dict[UUID, Row]:
    """Return what the records before a projection's positions make: a deletion or a null value leaves no row."""
    rows: dict[UUID, Row] = {}
    for record in records:
        if record.offset < positions.get(record.partition, 0):
            known = rows.get(record.aggregate)
            sequence = record.sequence if record.type else known.sequence if known else 0
            rows[record.aggregate] = Row(sequence, record.type is not None and record.type != ends_with)
    return rows


def _newest(stored: Sequence[Stored]) -> dict[UUID, int]:
    newest: dict[UUID, int] = {}
    for one in stored:
        newest[one.aggregate] = max(one.sequence, newest.get(one.aggregate, 0))
    return newest


def _of_stored(kind: Kind, topic: str, one: Stored) -> Finding:
    return Finding(
        kind=kind, where=topic, type=one.type, aggregate=one.aggregate, sequence=one.sequence, position=one.position
    )


def _of_record(kind: Kind, one: OnTopic) -> Finding:
    where = f"{one.topic}, partition {one.partition}, offset {one.offset}"
    return Finding(
        kind=kind, where=where, type=one.type, aggregate=one.aggregate, sequence=one.sequence, position=one.position
    )


def _of_row(kind: Kind, projection: str, aggregate: UUID, row: Row | None) -> Finding:
    sequence = row.sequence if row else None
    return Finding(kind=kind, where=projection, type=None, aggregate=aggregate, sequence=sequence, position=None)
