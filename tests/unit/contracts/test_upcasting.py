"""An older version of an event is read as the newest one, at the edge: shown with a second version that is made up."""

import json
from typing import Any

import msgspec
import pytest
from bookstream_contracts import EVENTS, BookingDeletedV1, NotAnEvent, NotLifted, Upcasters, decode
from bookstream_contracts.testkit import example, record

from services.projector.decoders import decoder_of

V1, V2, V3 = (f"bookstream.BookingDeleted.v{number}" for number in (1, 2, 3))


class BookingDeletedV3(BookingDeletedV1):
    """As if deletions once told in detail why, and later by whom."""

    detail: str
    by: str


TODAY = {**EVENTS, V3: BookingDeletedV3}


def upcasters() -> Upcasters:
    steps = Upcasters()
    steps.add(V1, V2, lambda data: {**data, "detail": data["reason"].replace("_", " ")})
    steps.add(V2, V3, lambda data: {**data, "by": "unknown"})
    return steps


def test_a_consumer_gets_the_newest_version_of_an_event_that_was_published_long_ago() -> None:
    # Given a record of the first version
    event = example("BookingDeleted.v1")
    old = record(event, sequence=3)
    # When it is decoded by a consumer who knows the third
    received = decode(headers=old.headers, key=old.key, value=old.value, events=TODAY, upcasters=upcasters())
    # Then it has been through both steps, and its place is the same
    assert received is not None
    assert received.event == BookingDeletedV3(**event.model_dump(), detail="calendar deselected", by="unknown")
    assert (received.type, received.sequence) == (V3, 3)


def test_the_projector_reads_the_newest_version_too() -> None:
    # Given the value of the first version
    value = record(example("BookingDeleted.v1")).value
    assert value is not None
    # When the projector's decoder for it reads it
    told: Any = decoder_of(V1, events=TODAY, upcasters=upcasters())(value)
    # Then it has what the newest version has
    assert (told.detail, told.by, told.reason) == ("calendar deselected", "unknown", "calendar_deselected")


def test_a_newer_version_than_one_knows_is_passed_over() -> None:
    old = record(example("BookingDeleted.v1"))
    headers = [(name, V2.encode() if name == "ce_type" else value) for name, value in old.headers]
    assert decode(headers=headers, key=old.key, value=old.value) is None


@pytest.mark.parametrize("value", [b"{}", b"not JSON", b'{"reason": "calendar_deselected"}'])
def test_what_is_no_event_of_the_older_version_is_refused_as_ever(value: bytes) -> None:
    old = record(example("BookingDeleted.v1"))
    with pytest.raises(NotAnEvent):
        decode(headers=old.headers, key=old.key, value=value, events=TODAY, upcasters=upcasters())
    with pytest.raises((msgspec.DecodeError, NotLifted)):
        decoder_of(V1, events=TODAY, upcasters=upcasters())(value)


def test_one_version_has_one_upcaster() -> None:
    steps = upcasters()
    with pytest.raises(ValueError, match=r"BookingDeleted\.v1 has an upcaster already"):
        steps.add(V1, V3, dict)


@pytest.mark.parametrize("name", EVENTS)
def test_the_projectors_decoder_reads_what_the_model_reads(name: str) -> None:
    # Given an example, with a field that nobody knows
    event = example(name.removeprefix("bookstream."))
    value = json.dumps({**event.model_dump(mode="json"), "later": 1}).encode()
    # When it is decoded
    told = decoder_of(name)(value)
    # Then it is the same event
    assert type(event).model_validate(msgspec.to_builtins(told)) == event


@pytest.mark.parametrize("name", EVENTS)
def test_the_projectors_decoder_refuses_each_field_that_is_missing_or_of_another_kind(name: str) -> None:
    event = example(name.removeprefix("bookstream."))
    whole, decode_it = event.model_dump(mode="json"), decoder_of(name)
    for field, info in type(event).model_fields.items():
        broken = [{**whole, field: {"no": "such kind"}}] if field != "calendar" else [{**whole, field: "a text"}]
        if info.is_required():
            broken.append({key: value for key, value in whole.items() if key != field})
        for data in broken:
            with pytest.raises(msgspec.ValidationError):
                decode_it(json.dumps(data).encode())
