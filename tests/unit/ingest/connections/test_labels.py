"""Which event types are calendars that can be selected."""

from typing import Any

from domain.connection import CalendarLabel
from services.ingest.calendly.models import EventType
from services.ingest.connections.labels import labels_of


def event_type(key: str, **fields: Any) -> EventType:
    return EventType.model_validate({"uri": f"https://api.calendly.com/event_types/{key}", "name": key, **fields})


def test_usable_event_types_are_calendars_personal_or_shared() -> None:
    listed = [event_type("E1"), event_type("E2", pooling_type="round_robin"), event_type("E3", active=False)]
    assert list(labels_of(listed).values()) == [
        CalendarLabel(uri="https://api.calendly.com/event_types/E1", name="E1", kind="personal"),
        CalendarLabel(uri="https://api.calendly.com/event_types/E2", name="E2", kind="shared"),
    ]


def test_one_that_stands_on_two_pages_is_there_once() -> None:
    assert [label.name for label in labels_of([event_type("E1"), event_type("E1", name="Renamed")]).values()] == [
        "Renamed"
    ]


def test_one_without_a_name_gets_one() -> None:
    assert [label.name for label in labels_of([event_type("E1", name=None)]).values()] == ["Calendly"]
