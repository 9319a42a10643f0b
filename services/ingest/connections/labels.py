"""The calendars of an account, from Calendly's event types."""

from collections.abc import Iterable

from domain.connection import CalendarLabel
from services.ingest.calendly.models import EventType


def labels_of(event_types: Iterable[EventType]) -> dict[str, CalendarLabel]:
    """Return the calendars that can be selected, by URI; one that pages repeat is there once."""
    return {
        one.uri: CalendarLabel(uri=one.uri, name=one.name or "Calendly", kind="shared" if one.shared else "personal")
        for one in event_types
        if one.usable
    }
