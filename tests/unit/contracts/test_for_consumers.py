"""What consumers get: records become typed events, repetitions are dropped, and tests need no broker."""

from uuid import UUID

import pytest
from bookstream_contracts import BookingImportedV1, NotAnEvent, Seen, decode
from bookstream_contracts.testkit import erasure, example, record


@pytest.mark.parametrize("name", ["BookingImported.v1", "ContactUpserted.v1", "CalendarSelected.v1"])
def test_a_record_becomes_the_event_it_was_made_of(name: str) -> None:
    # Given a record of an example
    event = example(name)
    made = record(event, sequence=3, position=17)
    # When it is decoded
    received = decode(headers=made.headers, key=made.key, value=made.value)
    # Then it is the event, with its place
    assert received is not None
    assert (received.event, received.sequence, received.position) == (event, 3, 17)
    assert made.key == str(received.subject).encode()


def test_changes_make_another_valid_event() -> None:
    restored = example("BookingImported.v1", via="reconnect")
    assert isinstance(restored, BookingImportedV1)
    assert restored.via == "reconnect"


def test_a_type_that_is_not_known_is_passed_over() -> None:
    made = record(example("BookingImported.v1"))
    headers = [(name, b"bookstream.BookingMoved.v1" if name == "ce_type" else value) for name, value in made.headers]
    assert decode(headers=headers, key=made.key, value=made.value) is None


def test_a_null_value_names_who_is_erased() -> None:
    made = erasure(UUID(int=7))
    received = decode(headers=made.headers, key=made.key, value=made.value)
    assert received is not None
    assert (received.subject, received.event) == (UUID(int=7), None)


@pytest.mark.parametrize(
    ("headers", "value", "told"),
    [
        ([], b"{}", "headers: 'ce_type'"),
        (record(example("BookingImported.v1")).headers, b'{"appointment_id": "secret"}', "value: appointment_id"),
        (record(example("BookingImported.v1")).headers[:4], record(example("BookingImported.v1")).value, "headers: "),
    ],
)
def test_what_is_no_event_is_named_without_its_values(
    headers: list[tuple[str, bytes]], value: bytes, told: str
) -> None:
    with pytest.raises(NotAnEvent) as fault:
        decode(headers=headers, key=b"x", value=value)
    assert str(fault.value).startswith(told)
    assert "secret" not in str(fault.value)


def test_repetitions_are_dropped_and_only_so_many_subjects_are_remembered() -> None:
    # Given two events of one booking and one of another
    first, second = (record(example("BookingImported.v1"), sequence=n) for n in (1, 2))
    other = record(example("BookingImported.v1", appointment_id=UUID(int=5)), sequence=1)
    received = [decode(headers=one.headers, key=one.key, value=one.value) for one in (first, second, first, other)]
    # When they pass a memory of one subject, the first of them twice more
    seen = Seen(subjects=1)
    told = [seen.is_new(one) for one in [*received, received[1]] if one is not None]
    # Then a repetition is dropped, until its subject is forgotten
    assert told == [True, True, False, True, True]
