"""One example of each event, about made-up people. They are validated by being made."""

from datetime import UTC, datetime
from uuid import UUID

from bookstream_contracts.bookings import BookingDeletedV1, BookingImportedV1, OwnerAssignedV1
from bookstream_contracts.calendar import Calendar
from bookstream_contracts.calendars import (
    CalendarDeselectedV1,
    CalendarSelectedV1,
    CalendlyConnectedV1,
    CalendlyDisconnectedV1,
)
from bookstream_contracts.contacts import ContactUpsertedV1
from bookstream_contracts.event import Event

_APPOINTMENT = UUID("6f1f7c1a-2f6e-5f0f-8a43-0a4d7a2f9b10")
_CONTACT = UUID("0b0f3c52-1a1e-5d27-9d3c-7a1b3a6d5e21")
_CONNECTION = UUID("a3d5b7f0-52e4-4c53-8f2e-4be1d7c9a032")
_SUBACCOUNT = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
_USER = UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
_COLLEAGUE = UUID("9b2d7a44-6c1f-4f0e-8a5b-2d8c5e7f1a90")
_ACCOUNT = "https://api.calendly.com/users/AAAAAAAAAAAAAAAA"
_CALENDAR = Calendar(uri="https://api.calendly.com/event_types/BBBBBBBBBBBBBBBB", name="First talk", kind="shared")
_BOOKED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def examples() -> dict[str, Event]:
    """Return an example of each event by its `ce_type`."""
    return {**_of_booking(), **_of_contact(), **_of_connection()}


def _imported() -> BookingImportedV1:
    return BookingImportedV1(
        appointment_id=_APPOINTMENT,
        subaccount_id=_SUBACCOUNT,
        calendar=_CALENDAR,
        title="First talk",
        starts_at=datetime(2026, 12, 1, 14, 0, tzinfo=UTC),
        ends_at=datetime(2026, 12, 1, 14, 30, tzinfo=UTC),
        contact_id=_CONTACT,
        calendly_event_uri="https://api.calendly.com/scheduled_events/CCCCCCCCCCCCCCCC",
        calendly_invitee_uri="https://api.calendly.com/scheduled_events/CCCCCCCCCCCCCCCC/invitees/DDDDDDDDDDDDDDDD",
        booked_at=_BOOKED_AT,
        via="webhook",
    )


def _of_booking() -> dict[str, Event]:
    return {
        "bookstream.BookingImported.v1": _imported(),
        "bookstream.OwnerAssigned.v1": OwnerAssignedV1(
            appointment_id=_APPOINTMENT,
            subaccount_id=_SUBACCOUNT,
            contact_id=_CONTACT,
            owner_user_id=_USER,
            rule="random_connected_user",
            candidates=(_USER, _COLLEAGUE),
        ),
        "bookstream.BookingDeleted.v1": BookingDeletedV1(
            appointment_id=_APPOINTMENT,
            subaccount_id=_SUBACCOUNT,
            calendar_uri=_CALENDAR.uri,
            contact_id=_CONTACT,
            reason="calendar_deselected",
        ),
    }


def _of_contact() -> dict[str, Event]:
    return {
        "bookstream.ContactUpserted.v1": ContactUpsertedV1(
            contact_id=_CONTACT,
            subaccount_id=_SUBACCOUNT,
            email="Ada.Example@example.com",
            name="Ada Example",
            assigned_user_id=_USER,
            latest_appointment_id=_APPOINTMENT,
            first_seen_at=_BOOKED_AT,
            changed=("email", "name", "assigned_user_id", "latest_appointment_id", "first_seen_at"),
        ),
    }


def _of_connection() -> dict[str, Event]:
    who = {"connection_id": _CONNECTION, "subaccount_id": _SUBACCOUNT, "user_id": _USER}
    return {
        "bookstream.CalendlyConnected.v1": CalendlyConnectedV1(**who, calendly_user_uri=_ACCOUNT, plan="teams"),
        "bookstream.CalendarSelected.v1": CalendarSelectedV1(**who, calendar=_CALENDAR, again=False),
        "bookstream.CalendarDeselected.v1": CalendarDeselectedV1(
            **who, calendar_uri=_CALENDAR.uri, synced_events="keep", reason="deselected"
        ),
        "bookstream.CalendlyDisconnected.v1": CalendlyDisconnectedV1(**who, calendly_user_uri=_ACCOUNT),
    }
