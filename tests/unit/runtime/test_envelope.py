"""CloudEvents in Kafka's binary mode: what is written is exact, and is read back; a fault names its header."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.runtime.envelope import Envelope, EnvelopeError, event_id, headers, read

BOOKING = UUID("6f1f7c1a-2f6e-5f0f-8a43-0a4d7a2f9b10")
SUBACCOUNT = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
CAUSE = UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def written(*, trace: str | None = None) -> list[tuple[str, bytes]]:
    return headers(
        type="bookstream.BookingImported.v1",
        subject=BOOKING,
        subaccount=SUBACCOUNT,
        sequence=1,
        position=77,
        time=datetime(2026, 12, 1, 14, 0, 0, 250_000, tzinfo=UTC),
        cause_id=CAUSE,
        trace=trace,
    )


def with_header(name: str, value: bytes | None) -> list[tuple[str, bytes | None]]:
    return [(key, value if key == name else old) for key, old in written()]


def test_an_event_has_these_headers_and_no_others() -> None:
    assert written() == [
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id(BOOKING, 1).encode()),
        ("ce_type", b"bookstream.BookingImported.v1"),
        ("ce_source", b"/subaccounts/7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        ("ce_subject", b"6f1f7c1a-2f6e-5f0f-8a43-0a4d7a2f9b10"),
        ("ce_time", b"2026-12-01T14:00:00.250000Z"),
        ("ce_dataschema", b"schemas/BookingImported.v1.json"),
        ("ce_subaccount", b"7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        ("ce_sequence", b"1"),
        ("ce_position", b"77"),
        ("ce_causationid", b"3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
    ]


def test_a_trace_is_carried_where_the_cause_had_one() -> None:
    assert written(trace=TRACE) == [*written(), ("ce_traceparent", TRACE.encode())]


def test_the_id_is_the_same_at_every_retry_and_another_for_every_event() -> None:
    # This value is on topics that are kept for ever: it must not change.
    assert event_id(BOOKING, 1) == "c5b3a5ec-50ff-5040-8879-7954744d15e7"
    assert len({event_id(BOOKING, 1), event_id(BOOKING, 2), event_id(SUBACCOUNT, 1)}) == 3


def test_what_is_written_is_read_back() -> None:
    assert read(dict(written(trace=TRACE))) == Envelope(
        type="bookstream.BookingImported.v1",
        subject=BOOKING,
        subaccount=SUBACCOUNT,
        sequence=1,
        position=77,
        time=datetime(2026, 12, 1, 14, 0, 0, 250_000, tzinfo=UTC),
    )


def test_headers_that_a_reader_does_not_know_are_passed_over() -> None:
    assert read({**dict(written()), "baggage": b"\xff", "empty": None}) == read(dict(written()))


@pytest.mark.parametrize("name", ["ce_type", "ce_subject", "ce_subaccount", "ce_sequence", "ce_position", "ce_time"])
def test_a_header_that_is_missing_or_null_is_named(name: str) -> None:
    for wire in ([one for one in written() if one[0] != name], with_header(name, None)):
        with pytest.raises(EnvelopeError, match=f"missing required field `{name}`"):
            read(dict(wire))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_subject", b"Lena Vogt"),
        ("ce_subaccount", b""),
        ("ce_sequence", b"Lena Vogt"),
        ("ce_sequence", b"0"),
        ("ce_position", b"-1"),
        ("ce_time", b"Lena Vogt"),
        ("ce_time", b"2026-12-01T14:00:00"),
        ("ce_position", b"\xff\xfe"),
    ],
)
def test_a_header_that_cannot_be_read_is_named_and_its_value_is_not(name: str, value: bytes) -> None:
    with pytest.raises(EnvelopeError, match=rf"\$\.{name}") as fault:
        read(dict(with_header(name, value)))
    assert "Lena" not in str(fault.value)
    assert fault.value.__cause__ is None
