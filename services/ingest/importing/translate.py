"""From Calendly's JSON to a booking. Pure; only what R5 names is read, so what R6 forbids is never kept."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from domain.booked import BookedInvitee
from domain.contact import Guest

Uri = Annotated[str, Field(pattern=r"^https://[^\s\x00-\x1f\x7f]+$", max_length=500)]


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


class Malformed(Exception):
    """The payload is not what Calendly documents. The message names fields and faults, never values."""


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _ScheduledEvent(_Payload):
    uri: Uri
    name: str | None = None
    start_time: Moment
    end_time: Moment
    event_type: Uri


class _Invitee(_Payload):
    uri: Uri
    email: str | None = None
    name: str | None = None
    created_at: Moment
    scheduled_event: _ScheduledEvent


class _Delivery(_Payload):
    payload: _Invitee


def translate(body: bytes) -> BookedInvitee:
    """Return the booking that an `invitee.created` delivery tells of. Raises Malformed, naming the fields at fault."""
    try:
        invitee = _Delivery.model_validate_json(body).payload
    except ValidationError as fault:
        raise Malformed(_named(fault)) from None
    event = invitee.scheduled_event
    if event.end_time < event.start_time:
        raise Malformed("payload.scheduled_event.end_time: lies before start_time")
    return BookedInvitee(
        invitee_uri=invitee.uri,
        event_uri=event.uri,
        calendar_uri=event.event_type,
        title=plain_text(event.name),
        starts_at=event.start_time,
        ends_at=event.end_time,
        booked_at=invitee.created_at,
        guest=guest_of(email=invitee.email, name=invitee.name),
    )


def guest_of(*, email: str | None, name: str | None) -> Guest | None:
    """Return who booked; without an e-mail address nobody (DESIGN 2)."""
    address = plain_text(email)
    return Guest(email=address, name=plain_text(name)) if address else None


def plain_text(told: str | None) -> str:
    """Return a text trimmed, and without NUL: PostgreSQL takes none, and the record would be a dead letter."""
    return (told or "").replace("\x00", "").strip()


def _named(fault: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in one['loc']) or 'body'}: {one['msg']}"
        for one in fault.errors(include_input=False, include_url=False)
    )
