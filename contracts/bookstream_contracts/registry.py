"""Which model stands behind each `ce_type`. Names are declared here, never derived from class paths."""

from bookstream_contracts.bookings import BookingDeletedV1, BookingImportedV1, OwnerAssignedV1
from bookstream_contracts.calendars import (
    CalendarDeselectedV1,
    CalendarSelectedV1,
    CalendlyConnectedV1,
    CalendlyDisconnectedV1,
)
from bookstream_contracts.contacts import ContactUpsertedV1
from bookstream_contracts.event import Event

EVENTS: dict[str, type[Event]] = {
    "bookstream.BookingImported.v1": BookingImportedV1,
    "bookstream.OwnerAssigned.v1": OwnerAssignedV1,
    "bookstream.BookingDeleted.v1": BookingDeletedV1,
    "bookstream.ContactUpserted.v1": ContactUpsertedV1,
    "bookstream.CalendlyConnected.v1": CalendlyConnectedV1,
    "bookstream.CalendarSelected.v1": CalendarSelectedV1,
    "bookstream.CalendarDeselected.v1": CalendarDeselectedV1,
    "bookstream.CalendlyDisconnected.v1": CalendlyDisconnectedV1,
}


def event_type(model: type[Event]) -> str:
    """Return the `ce_type` of a model. Raises KeyError for a model that is not published."""
    return {known: name for name, known in EVENTS.items()}[model]
