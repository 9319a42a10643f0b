"""From a Kafka record to an event: every record is validated, and a fault is a value with a reason."""

import re
from collections.abc import Callable
from typing import Any, final
from uuid import UUID

import msgspec
from aiokafka import ConsumerRecord
from bookstream_contracts import EVENTS, UPCASTERS, NotLifted

from services.projector.decoders import decoder_of
from services.runtime import envelope
from services.runtime.envelope import Envelope, EnvelopeError

_QUOTED = re.compile(r" '.*'", re.DOTALL)
"""What a message quotes is the value, which may be of a person."""
_DECODERS = {name: (UPCASTERS.newest(name), decoder_of(name)) for name in EVENTS}


@final
class Occurred(msgspec.Struct, frozen=True, gc=False):
    """An event and its envelope. The event has the fields of the contract's model, and was checked as it would."""

    envelope: Envelope
    event: Any


@final
class Erased(msgspec.Struct, frozen=True, gc=False):
    """A null value: everything under the key is to be forgotten."""

    key: UUID


@final
class Unknown(msgspec.Struct, frozen=True, gc=False):
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
    headers = dict(record.headers)
    try:
        told = envelope.read(headers)
    except EnvelopeError as fault:
        raise Unreadable(f"headers: {fault}") from None
    known = _DECODERS.get(told.type)
    if known is None:
        return Unknown(told.type)
    newest, decode = known
    if record.key != headers[envelope.SUBJECT] and _key(record) != told.subject:
        raise Unreadable("key: not the subject of the event")
    event = _event(decode, record.value)
    return Occurred(told if newest == told.type else msgspec.structs.replace(told, type=newest), event)


def key_text(record: ConsumerRecord) -> str:
    """Return the key as text, also of a record that is unreadable."""
    return (record.key or b"").decode("utf-8", "replace")


def _key(record: ConsumerRecord) -> UUID:
    try:
        return UUID(key_text(record))
    except ValueError:
        raise Unreadable("key: not a UUID") from None


def _event(decode: Callable[[bytes], Any], value: bytes) -> Any:
    if b"\\u0000" in value and _holds_nul(value):
        raise Unreadable("value: holds a NUL character, for which PostgreSQL has no place")
    try:
        return decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, NotLifted) as fault:
        raise Unreadable(f"value: {_QUOTED.sub('', str(fault))}") from None


def _holds_nul(value: bytes) -> bool:
    return b"\\u0000" in value.replace(b"\\\\", b"")
