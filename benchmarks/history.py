"""A history on the topics: valid records as the relay writes them, but written in batches, past ingest."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zlib import crc32

from bookstream_contracts import TOPICS
from bookstream_contracts.schemas import dataschema
from bookstream_contracts.testkit import Record, example
from bookstream_contracts.topics import topic_of

SUBACCOUNTS = 50
DELETED = 50
"""One appointment in so many is deleted."""
LATER = 500
"""Appointments between an import and its deletion."""

_CAUSE = "00000000-0000-4000-8000-0000000000be"
_USER = "00000000-0000-4000-8000-0000000000ce"
_BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class History:
    """What the topics hold after so many appointments, each with one contact that has two appointments."""

    appointments: int

    @classmethod
    def with_bookings(cls, events: int) -> "History":
        """Return the history whose topic of bookings holds about so many events."""
        return cls(round(events / (2 + 1 / DELETED)))

    @property
    def deleted(self) -> int:
        """Appointments that were deleted."""
        return max(0, -(-(self.appointments - LATER) // DELETED))

    @property
    def events(self) -> dict[str, int]:
        """Records that each projection reads."""
        return {"appointments": 2 * self.appointments + self.deleted, "contacts": self.appointments}

    @property
    def rows(self) -> dict[str, int]:
        """Rows that each projection has in the end."""
        return {"appointments": self.appointments - self.deleted, "contacts": -(-self.appointments // 2)}


def records(first: int, last: int) -> Iterator[Record]:
    """Yield the records of the appointments from `first` up to, but without, `last`."""
    for number in range(first, last):
        yield from _booking(number)
        if number >= LATER and (number - LATER) % DELETED == 0:
            yield _deletion(number - LATER)


def partition_of(record: Record) -> int:
    """Return the partition for a record's key."""
    return crc32(record.key) % _PARTITIONS[record.topic]


_PARTITIONS = {topic.name: topic.partitions for topic in TOPICS}


class _Booking:
    """The ids and times of one booking, as texts. Ids are scattered, as those of the domain are."""

    __slots__ = ("appointment", "contact", "number", "subaccount", "texts", "time")

    def __init__(self, number: int) -> None:
        booked_at, contact = _BEGAN + timedelta(seconds=10 * number), number // 2
        self.number = number
        self.appointment = _id("appointment", number)
        self.contact = _id("contact", contact)
        self.subaccount = _id("subaccount", contact % SUBACCOUNTS)
        self.time = booked_at.isoformat().replace("+00:00", "Z")
        self.texts = {
            "appointment": self.appointment,
            "contact": self.contact,
            "subaccount": self.subaccount,
            "user": _USER,
            "number": f"{number:016X}",
            "starts_at": (booked_at + timedelta(days=7)).isoformat().replace("+00:00", "Z"),
            "booked_at": self.time,
        }

    def record(self, name: str, subject: str, *, sequence: int) -> Record:
        """Return one of its records."""
        type_ = f"bookstream.{name}"
        before, after = _constant_headers(type_)
        headers = [
            *before,
            ("ce_id", _id(subject, sequence).encode()),
            ("ce_source", b"/subaccounts/" + self.subaccount.encode()),
            ("ce_subject", subject.encode()),
            ("ce_time", self.time.encode()),
            ("ce_subaccount", self.subaccount.encode()),
            ("ce_sequence", b"%d" % sequence),
            ("ce_position", b"%d" % (4 * self.number + sequence)),
            *after,
        ]
        value = (_template(name) % self.texts).encode()
        return Record(topic=_topic(type_), key=subject.encode(), value=value, headers=headers)


def _booking(number: int) -> tuple[Record, Record, Record]:
    one = _Booking(number)
    return (
        one.record("ContactUpserted.v1", one.contact, sequence=number % 2 + 1),
        one.record("BookingImported.v1", one.appointment, sequence=1),
        one.record("OwnerAssigned.v1", one.appointment, sequence=2),
    )


def _deletion(number: int) -> Record:
    one = _Booking(number)
    return one.record("BookingDeleted.v1", one.appointment, sequence=3)


def _id(kind: str, number: int) -> str:
    found = hashlib.blake2s(f"{kind} {number}".encode(), digest_size=16).hexdigest()
    return f"{found[:8]}-{found[8:12]}-5{found[13:16]}-8{found[17:20]}-{found[20:]}"


@cache
def _topic(type_: str) -> str:
    return topic_of(type_).name


@cache
def _constant_headers(type_: str) -> tuple[list[tuple[str, bytes]], list[tuple[str, bytes]]]:
    before = {"content-type": "application/json", "ce_specversion": "1.0", "ce_type": type_}
    after = {"ce_dataschema": dataschema(type_), "ce_causationid": _CAUSE}
    return [(name, text.encode()) for name, text in before.items()], [(n, text.encode()) for n, text in after.items()]


@cache
def _template(name: str) -> str:
    told = example(name)
    text = told.model_dump_json()
    fields = told.model_dump()
    appointment = fields.get("appointment_id") or fields["latest_appointment_id"]
    users = {fields.get("owner_user_id"), fields.get("assigned_user_id")} - {None}
    for known, place in (
        (str(appointment), "%(appointment)s"),
        (str(fields["contact_id"]), "%(contact)s"),
        (str(fields["subaccount_id"]), "%(subaccount)s"),
        *((str(user), "%(user)s") for user in users),
        ("C" * 16, "%(number)s"),
        ("D" * 16, "%(number)s"),
        ("2026-12-01T14:00:00Z", "%(starts_at)s"),
        ("2026-12-01T14:30:00Z", "%(starts_at)s"),
        ("2026-11-20T09:30:00Z", "%(booked_at)s"),
        ("Ada.Example@example.com", "guest.%(contact)s@example.test"),
        ("Ada Example", "Guest %(number)s"),
    ):
        text = text.replace(known, place)
    return text
