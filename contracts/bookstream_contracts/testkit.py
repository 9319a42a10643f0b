"""Valid records without a broker, for the tests of consumers."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from bookstream_contracts.event import Event
from bookstream_contracts.examples import examples
from bookstream_contracts.registry import event_type
from bookstream_contracts.schemas import dataschema
from bookstream_contracts.topics import topic_of


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record as it stands on its topic."""

    topic: str
    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


def example(name: str, **changes: Any) -> Event:
    """Return an example event by its short name, such as `BookingImported.v1`, with some fields changed."""
    made = examples()[f"bookstream.{name}"]
    return type(made).model_validate({**made.model_dump(), **changes})


def record(
    event: Event,
    *,
    sequence: int = 1,
    position: int = 1,
    time: datetime | None = None,
    id_: UUID | None = None,
    cause: UUID | None = None,
) -> Record:
    """Return the record of an event; its id, its cause and the moment are made up unless given."""
    name, subject = event_type(type(event)), subject_of(event)
    subaccount = event.model_dump()["subaccount_id"]
    attributes = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": str(id_ or uuid4()),
        "ce_type": name,
        "ce_source": f"/subaccounts/{subaccount}",
        "ce_subject": str(subject),
        "ce_time": (time or datetime.now(UTC)).isoformat().replace("+00:00", "Z"),
        "ce_dataschema": dataschema(name),
        "ce_subaccount": str(subaccount),
        "ce_sequence": str(sequence),
        "ce_position": str(position),
        "ce_causationid": str(cause or uuid4()),
    }
    headers = [(header, text.encode()) for header, text in attributes.items()]
    value = event.model_dump_json().encode()
    return Record(topic=topic_of(name).name, key=str(subject).encode(), value=value, headers=headers)


def erasure(contact_id: UUID) -> Record:
    """Return the record that erases a contact."""
    topic = topic_of("bookstream.ContactUpserted.v1").name
    return Record(topic=topic, key=str(contact_id).encode(), value=None, headers=[])


def subject_of(event: Event) -> UUID:
    """Return what an event is about: the id that its topic is keyed by."""
    return event.model_dump()[topic_of(event_type(type(event))).key]
