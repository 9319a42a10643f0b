"""The history that the benchmarks write is one that the relay could have written."""

from collections import Counter

from bookstream_contracts.records import decode

from benchmarks.history import LATER, History, partition_of, records
from services.runtime import envelope

COUNT = LATER + 101


def test_records_are_valid_and_have_the_headers_that_the_relay_writes() -> None:
    for one in records(0, COUNT):
        told = decode(headers=one.headers, key=one.key, value=one.value)
        assert told is not None
        assert str(told.subject).encode() == one.key
        relayed = envelope.headers(
            type=told.type,
            subject=told.subject,
            subaccount=told.subaccount,
            sequence=told.sequence,
            position=told.position,
            time=told.time,
            cause_id=told.subject,
            trace=None,
        )
        differing = {"ce_id", "ce_causationid"}
        assert {name for name, _ in one.headers} == {name for name, _ in relayed}
        assert {item for item in one.headers if item[0] not in differing} <= set(relayed)


def test_sequences_rise_without_gaps_and_a_key_stays_on_its_partition() -> None:
    seen, places = Counter[bytes](), dict[bytes, int]()
    for one in records(0, COUNT):
        seen[one.key] += 1
        assert dict(one.headers)["ce_sequence"] == b"%d" % seen[one.key]
        assert places.setdefault(one.key, partition_of(one)) == partition_of(one)


def test_a_history_knows_its_events_and_rows() -> None:
    history, found = History(COUNT), list(records(0, COUNT))
    topics = Counter(one.topic for one in found)
    kinds = Counter(dict(one.headers)["ce_type"] for one in found)
    deleted = kinds[b"bookstream.BookingDeleted.v1"]
    assert history.events == {
        "appointments": topics["crm.calendly.bookings.v1"],
        "contacts": topics["crm.calendly.contacts.v1"],
    }
    assert history.rows == {
        "appointments": COUNT - deleted,
        "contacts": len({one.key for one in found if one.topic == "crm.calendly.contacts.v1"}),
    }


def test_a_history_goes_on_where_another_ended() -> None:
    whole = [one.headers for one in records(0, COUNT)]
    assert [one.headers for one in (*records(0, LATER), *records(LATER, COUNT))] == whole


def test_a_history_is_asked_for_by_its_events() -> None:
    found = History.with_bookings(1_000_000).events["appointments"]
    assert abs(found - 1_000_000) < 100
