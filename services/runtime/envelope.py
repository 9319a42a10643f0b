"""CloudEvents 1.0 in Kafka's binary mode: attributes as `ce_*` headers, the event's JSON as the value (DESIGN 3)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

import msgspec
from bookstream_contracts.schemas import dataschema

SUBJECT = "ce_subject"
POSITION = "ce_position"
_NAMESPACE = UUID("0d9f3f6c-29c5-5c0a-8d3f-6a2f6f0e6b51")

Headers = Sequence[tuple[str, bytes]]


class EnvelopeError(Exception):
    """A header is missing or cannot be read; the message names it, never its value."""


_Number = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class Envelope(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename=lambda name: f"ce_{name}"):
    """What a projection needs of the headers: which event, of whom, and its places in the aggregate and the log."""

    type: str
    subject: UUID
    subaccount: UUID
    sequence: _Number
    position: _Number
    time: Annotated[datetime, msgspec.Meta(tz=True)]


_NEEDED = Envelope.__struct_encode_fields__


def event_id(aggregate_id: UUID, sequence: int) -> str:
    """Return the `ce_id`: the same on every retry and replay."""
    return str(uuid5(_NAMESPACE, f"{aggregate_id}:{sequence}"))


def headers(
    *,
    type: str,  # noqa: A002, the attribute's name in CloudEvents
    subject: UUID,
    subaccount: UUID,
    sequence: int,
    position: int,
    time: datetime,
    cause_id: UUID,
    trace: str | None,
) -> list[tuple[str, bytes]]:
    """Return the headers of one event; `ce_traceparent` only where the cause had a trace."""
    found = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": event_id(subject, sequence),
        "ce_type": type,
        "ce_source": f"/subaccounts/{subaccount}",
        SUBJECT: str(subject),
        "ce_time": time.isoformat().replace("+00:00", "Z"),
        "ce_dataschema": dataschema(type),
        "ce_subaccount": str(subaccount),
        "ce_sequence": str(sequence),
        POSITION: str(position),
        "ce_causationid": str(cause_id),
    }
    if trace is not None:
        found["ce_traceparent"] = trace
    return [(name, value.encode()) for name, value in found.items()]


def read(wire: Mapping[str, bytes | None]) -> Envelope:
    """Return the envelope of a record's headers, given by name. Raises EnvelopeError, naming the header at fault."""
    named = {name: value.decode("utf-8", "replace") for name in _NEEDED if (value := wire.get(name)) is not None}
    try:
        # In lax mode texts become the numbers, ids and times that they spell.
        return msgspec.convert(named, Envelope, strict=False)
    except msgspec.ValidationError as fault:
        raise EnvelopeError(str(fault)) from None
