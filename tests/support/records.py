"""Kafka records of events, made as the relay makes them."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import ConsumerRecord
from bookstream_contracts import Event, event_type, topic_of

from services.runtime import envelope

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
CAUSE = UUID("00000000-0000-4000-8000-0000000000d1")


def record(
    event: Event, *, key: UUID, sequence: int, offset: int, partition: int = 0, time: datetime = NINE
) -> ConsumerRecord:
    """Return the record of an event."""
    name = event_type(type(event))
    headers = envelope.headers(
        type=name,
        subject=key,
        subaccount=event.subaccount_id,  # pyright: ignore[reportAttributeAccessIssue]
        sequence=sequence,
        position=offset + 1,
        time=time,
        cause_id=CAUSE,
        trace=None,
    )
    return raw(
        topic_of(name).name,
        key=str(key).encode(),
        value=event.model_dump_json().encode(),
        headers=headers,
        offset=offset,
        partition=partition,
    )


def raw(
    topic: str,
    *,
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes]],
    offset: int,
    partition: int = 0,
) -> ConsumerRecord:
    """Return a record of any kind."""
    return ConsumerRecord(
        topic=topic,
        partition=partition,
        offset=offset,
        timestamp=0,
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(value or b""),
        headers=tuple(headers),
    )


def at_offset(one: ConsumerRecord, offset: int) -> ConsumerRecord:
    """Return a record as it is at another place of its partition."""
    return replace(one, offset=offset)
