"""From a Kafka record to a typed event, for consumers: headers, key and value in, an event and its place out."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from bookstream_contracts.event import Event
from bookstream_contracts.registry import EVENTS
from bookstream_contracts.upcasting import UPCASTERS, NotLifted, Upcasters

Headers = Iterable[tuple[str, bytes | None]]


class NotAnEvent(Exception):
    """A record is not what the contracts say; the message names what is wrong, never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An event with what its headers say. `event` is None for a null value: what the key names is to be forgotten."""

    id: str
    type: str
    subject: UUID
    subaccount: UUID
    sequence: int
    position: int
    time: datetime
    event: Event | None


def decode(
    *,
    headers: Headers,
    key: bytes | None,
    value: bytes | None,
    events: Mapping[str, type[Event]] = EVENTS,
    upcasters: Upcasters = UPCASTERS,
) -> Received | None:
    """Return what a record says; None for a type that this version does not know, which is to be passed over.

    An older version of an event is returned as the newest one. Raises NotAnEvent.
    """
    told = {name: (text or b"").decode("utf-8", "replace") for name, text in headers}
    if value is None:
        return _erasure(key, told)
    try:
        newest = upcasters.newest(told["ce_type"])
        model = events.get(newest)
        if model is None:
            return None
        if told["ce_type"] in upcasters:
            value = json.dumps(upcasters.lift(told["ce_type"], json.loads(value))).encode()
        return _received({**told, "ce_type": newest}, model.model_validate_json(value))
    except ValidationError as fault:
        fields = ", ".join(sorted({".".join(map(str, one["loc"])) for one in fault.errors()}))
        raise NotAnEvent(f"value: {fields}") from None
    except NotLifted as fault:
        raise NotAnEvent(f"value: {fault}") from None
    except (KeyError, ValueError) as fault:
        raise NotAnEvent(f"headers: {fault}") from None


def _received(told: dict[str, str], event: Event | None) -> Received:
    return Received(
        id=told["ce_id"],
        type=told["ce_type"],
        subject=UUID(told["ce_subject"]),
        subaccount=UUID(told["ce_subaccount"]),
        sequence=int(told["ce_sequence"]),
        position=int(told["ce_position"]),
        time=datetime.fromisoformat(told["ce_time"]),
        event=event,
    )


def _erasure(key: bytes | None, told: dict[str, str]) -> Received:
    try:
        subject = UUID((key or b"").decode())
    except ValueError:
        raise NotAnEvent("key: a null value needs the id of what is erased") from None
    empty = {"ce_id": "", "ce_type": "", "ce_subaccount": str(UUID(int=0)), "ce_sequence": "0", "ce_position": "0"}
    return _received({**empty, "ce_time": "1970-01-01T00:00:00+00:00", **told, "ce_subject": str(subject)}, None)
