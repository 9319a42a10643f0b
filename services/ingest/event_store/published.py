"""From stored events to published ones: what other teams see, and on which topic (DESIGN 3, R23). Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import bookstream_contracts as contracts

from domain.booking import BookingDeleted, BookingImported, OwnerAssigned
from domain.connection import CalendarDeselected, CalendarSelected, CalendlyConnected, CalendlyDisconnected
from domain.contact import ContactErased, ContactUpserted
from domain.recorded import Recorded
from services.ingest.event_store.store import LogEntry
from services.runtime import envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A Kafka record: its key is the text of the aggregate's id, which keeps an aggregate's events in order.

    A null value erases what the key names.
    """

    topic: str
    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


def published(entry: LogEntry) -> Published | None:
    """Return the record of an event, validated by its contract; None for events that are ours alone."""
    event = entry.event
    if isinstance(event, ContactErased):
        return _record(entry, name=ContactUpserted.TOPIC, subaccount_id=event.subaccount_id, value=None)
    maker = _MAKERS.get(type(event))
    if maker is None:
        return None
    model = maker(event)
    subaccount_id = cast(UUID, model.subaccount_id)  # pyright: ignore[reportAttributeAccessIssue], every event has it
    value = model.model_dump_json().encode()
    return _record(entry, name=type(event).TOPIC, subaccount_id=subaccount_id, value=value)


def _record(entry: LogEntry, *, name: str, subaccount_id: UUID, value: bytes | None) -> Published:
    event = entry.event
    return Published(
        topic=contracts.topic_of(name).name,
        key=str(event.originator_id).encode(),
        value=value,
        headers=envelope.headers(
            type=name,
            subject=event.originator_id,
            subaccount=subaccount_id,
            sequence=event.originator_version,
            position=entry.position,
            time=event.timestamp,
            cause_id=event.cause_id,
            trace=event.trace,
        ),
    )


def _facts(event: Recorded, id_field: str, *without: str) -> dict[str, Any]:
    return {id_field: event.originator_id, **{k: v for k, v in event.__dict__.items() if k not in without}}


def _with_calendar(facts: dict[str, Any]) -> dict[str, Any]:
    calendar = {part: facts[f"calendar_{part}"] for part in ("uri", "name", "kind")}
    return {**facts, "calendar": calendar}


_MAKERS: dict[type[Recorded], Callable[[Any], contracts.Event]] = {
    BookingImported: lambda event: contracts.BookingImportedV1(**_with_calendar(_facts(event, "appointment_id"))),
    OwnerAssigned: lambda event: contracts.OwnerAssignedV1(**_facts(event, "appointment_id")),
    BookingDeleted: lambda event: contracts.BookingDeletedV1(**_facts(event, "appointment_id")),
    ContactUpserted: lambda event: contracts.ContactUpsertedV1(**_facts(event, "contact_id")),
    CalendlyConnected: lambda event: contracts.CalendlyConnectedV1(**_facts(event, "connection_id")),
    CalendarSelected: lambda event: contracts.CalendarSelectedV1(**_with_calendar(_facts(event, "connection_id"))),
    CalendarDeselected: lambda event: contracts.CalendarDeselectedV1(**_facts(event, "connection_id")),
    CalendlyDisconnected: lambda event: contracts.CalendlyDisconnectedV1(**_facts(event, "connection_id")),
}
