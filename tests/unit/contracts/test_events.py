"""Events are read tolerantly and written exactly."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from bookstream_contracts import EVENTS, BookingImportedV1, CalendlyConnectedV1, Event, event_type, topic_of
from bookstream_contracts.examples import examples
from pydantic import ValidationError

BOOKING = examples()["bookstream.BookingImported.v1"]


def test_a_field_that_a_reader_does_not_know_is_passed_over() -> None:
    wire = BOOKING.model_dump(mode="json") | {"colour": "blue"}
    assert BookingImportedV1.model_validate(wire) == BOOKING


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        BOOKING.title = "Other"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_time_from_elsewhere_is_written_in_utc() -> None:
    abroad = datetime(2026, 12, 1, 15, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=1)))
    moved = BookingImportedV1.model_validate(BOOKING.model_dump() | {"starts_at": abroad})
    assert moved.model_dump(mode="json")["starts_at"] == "2026-12-01T14:00:00.250000Z"
    assert moved.starts_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        BookingImportedV1.model_validate(BOOKING.model_dump() | {"starts_at": "2026-12-01T14:00:00"})


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_survives_the_wire(name: str) -> None:
    event = examples()[name]
    assert EVENTS[name].model_validate_json(event.model_dump_json()) == event


def test_names_and_topics_are_declared() -> None:
    assert event_type(CalendlyConnectedV1) == "bookstream.CalendlyConnected.v1"
    assert topic_of("bookstream.CalendlyConnected.v1").name == "crm.calendly.calendars.v1"


def test_a_model_that_is_not_published_has_no_name() -> None:
    with pytest.raises(KeyError):
        event_type(Event)


def test_no_event_but_the_contacts_has_a_field_for_a_persons_name_or_address() -> None:
    personal = {name for name, model in EVENTS.items() if {"name", "email"} & set(model.model_fields)}
    assert personal == {"bookstream.ContactUpserted.v1"}
