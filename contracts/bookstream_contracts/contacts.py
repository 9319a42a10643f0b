"""Events of a contact. Key and subject: `contact_id`. The only events that carry personal data; null erases."""

from uuid import UUID

from bookstream_contracts.event import Event, UtcTime


class ContactUpsertedV1(Event):
    """The whole state of a contact after a change (R9, R10); `changed` names the fields that this event changed."""

    contact_id: UUID
    subaccount_id: UUID
    email: str
    name: str
    assigned_user_id: UUID
    latest_appointment_id: UUID
    first_seen_at: UtcTime
    changed: tuple[str, ...]
