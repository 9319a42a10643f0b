"""From stored events to a history that people and programs read. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from domain.booking import BookingDeleted, BookingImported, OwnerAssigned
from domain.contact import ContactErased, ContactUpserted
from domain.recorded import Recorded
from services.ingest.event_store import LogEntry

_ENVELOPE = frozenset({"originator_id", "originator_version", "timestamp", "cause", "cause_id", "trace"})


class Cause(BaseModel):
    """What made an event happen, and its id: that of a delivery, a pass, or an API call."""

    kind: Literal["delivery", "reconciliation", "reconnect", "command"]
    id: UUID


class HistoryItem(BaseModel):
    """One event: its place in the aggregate and in the log, its cause, and the rule that it carries out."""

    event: str
    at: datetime
    sequence: int
    position: int
    cause: Cause
    rule: str
    data: dict[str, Any]


class History(BaseModel):
    """What happened, oldest first, and how things stood after it; `state` is null where there was nothing (yet)."""

    state: dict[str, Any] | None
    items: list[HistoryItem]


def tell(entries: Sequence[LogEntry], *, as_of: datetime | None) -> History:
    """Return the history of an aggregate, up to and including a moment."""
    known = [entry for entry in entries if as_of is None or entry.event.timestamp <= as_of]
    return History(state=_state(known), items=[_item(entry) for entry in known])


def subaccount_of(entries: Sequence[LogEntry]) -> UUID | None:
    """Return the subaccount that an aggregate belongs to; None where it has no events."""
    return getattr(entries[0].event, "subaccount_id", None) if entries else None


def _item(entry: LogEntry) -> HistoryItem:
    event = entry.event
    return HistoryItem(
        event=event.TOPIC.split(".")[1],
        at=event.timestamp,
        sequence=event.originator_version,
        position=entry.position,
        cause=Cause(kind=event.cause, id=event.cause_id),
        rule=_RULES[type(event)](event),
        data=_data(event),
    )


def _data(event: Recorded) -> dict[str, Any]:
    return {name: value for name, value in event.__dict__.items() if name not in _ENVELOPE}


def _state(entries: Sequence[LogEntry]) -> dict[str, Any] | None:
    """Fold the events: facts of later ones over those of earlier ones."""
    if not entries:
        return None
    facts: dict[str, Any] = {"id": entries[0].event.originator_id}
    for entry in entries:
        facts |= _data(entry.event)
    if isinstance(entries[-1].event, ContactErased):
        return {"id": facts["id"], "subaccount_id": facts["subaccount_id"], "erased": True}
    deleted = isinstance(entries[-1].event, BookingDeleted)
    return {**facts, "deleted": deleted} if isinstance(entries[0].event, BookingImported) else facts


def _imported_by(event: BookingImported) -> str:
    return "R15" if event.via == "reconnect" else "R4"


def _owned_by(event: OwnerAssigned) -> str:
    return "R12" if event.rule == "random_connected_user" else "R11"


def _changed_by(event: ContactUpserted) -> str:
    return "R9" if "email" in event.changed else "R10"


_RULES: dict[type[Recorded], Callable[[Any], str]] = {
    BookingImported: _imported_by,
    OwnerAssigned: _owned_by,
    BookingDeleted: lambda _: "R17",
    ContactUpserted: _changed_by,
    ContactErased: lambda _: "erasure",
}
