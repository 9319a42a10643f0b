"""From a Kafka record to an event: every record is validated, and a fault is a value with a reason."""

from dataclasses import dataclass
from uuid import UUID

from aiokafka import ConsumerRecord
from bookstream_contracts import EVENTS, Event
from pydantic import ValidationError

from services.runtime import envelope
from services.runtime.envelope import Envelope, EnvelopeError


@dataclass(frozen=True, slots=True)
class Occurred:
    """An event and its envelope."""

    envelope: Envelope
    event: Event


@dataclass(frozen=True, slots=True)
class Erased:
    """A null value: everything under the key is to be forgotten."""

    key: UUID


@dataclass(frozen=True, slots=True)
class Unknown:
    """A type of event that this reader does not know; it is passed over and counted (DESIGN 3)."""

    type: str


class Unreadable(Exception):
    """The record is not what its contract says. The message names what is wrong, never a value."""


def read(record: ConsumerRecord, *, null_erases: bool) -> Occurred | Erased | Unknown:
    """Return what a record says. Raises Unreadable."""
    if record.value is None:
        if not null_erases:
            raise Unreadable("value: null, where the topic knows no erasing")
        return Erased(_key(record))
    try:
        told = envelope.read(record.headers)
    except EnvelopeError as fault:
        raise Unreadable(f"headers: {fault}") from None
    model = EVENTS.get(told.type)
    if model is None:
        return Unknown(told.type)
    if _key(record) != told.subject:
        raise Unreadable("key: not the subject of the event")
    return Occurred(told, _event(model, record.value))


def key_text(record: ConsumerRecord) -> str:
    """Return the key as text, also of a record that is unreadable."""
    return (record.key or b"").decode("utf-8", "replace")


def _key(record: ConsumerRecord) -> UUID:
    try:
        return UUID(key_text(record))
    except ValueError:
        raise Unreadable("key: not a UUID") from None


def _event(model: type[Event], value: bytes) -> Event:
    try:
        return model.model_validate_json(value)
    except ValidationError as fault:
        where = "; ".join(
            f"{'.'.join(str(part) for part in one['loc']) or 'value'}: {one['msg']}"
            for one in fault.errors(include_input=False, include_url=False)
        )
        raise Unreadable(f"value: {where}") from None
