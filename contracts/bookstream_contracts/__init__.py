"""What other teams rely on: Bookstream's events, one model per event and version, and the topics they stand on."""

from bookstream_contracts.bookings import BookingDeletedV1, BookingImportedV1, OwnerAssignedV1
from bookstream_contracts.calendars import (
    CalendarDeselectedV1,
    CalendarSelectedV1,
    CalendlyConnectedV1,
    CalendlyDisconnectedV1,
)
from bookstream_contracts.contacts import ContactUpsertedV1
from bookstream_contracts.event import Event, UtcTime
from bookstream_contracts.records import NotAnEvent, Received, decode
from bookstream_contracts.registry import EVENTS, event_type
from bookstream_contracts.seen import Seen
from bookstream_contracts.topics import TOPICS, Topic, topic_of
from bookstream_contracts.upcasting import UPCASTERS, NotLifted, Upcasters

__all__ = [
    "EVENTS",
    "TOPICS",
    "UPCASTERS",
    "BookingDeletedV1",
    "BookingImportedV1",
    "CalendarDeselectedV1",
    "CalendarSelectedV1",
    "CalendlyConnectedV1",
    "CalendlyDisconnectedV1",
    "ContactUpsertedV1",
    "Event",
    "NotAnEvent",
    "NotLifted",
    "OwnerAssignedV1",
    "Received",
    "Seen",
    "Topic",
    "Upcasters",
    "UtcTime",
    "decode",
    "event_type",
    "topic_of",
]
