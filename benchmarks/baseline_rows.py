"""What the hand-written loop does to rows: decoding with msgspec, writing with unnest, nothing checked."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from aiokafka import ConsumerRecord

_APPOINTMENTS = """
INSERT INTO projector.appointments_v1 AS t (id, subaccount_id, calendar_uri, calendar_name, calendar_kind, title,
  starts_at, ends_at, source, status, contact_id, booked_at, via, imported_at, owner_user_id, sequence)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
  $8::timestamptz[], $9::text[], $10::text[], $11::uuid[], $12::timestamptz[], $13::text[], $14::timestamptz[],
  $15::uuid[], $16::bigint[])
ON CONFLICT (id) DO NOTHING
"""
_OWNERS = """
UPDATE projector.appointments_v1 AS t SET owner_user_id = s.owner, sequence = s.sequence
  FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS s (id, owner, sequence)
 WHERE t.id = s.id AND t.sequence < s.sequence
"""
_DELETE = "DELETE FROM projector.appointments_v1 WHERE id = ANY($1::uuid[])"
_CONTACTS = """
INSERT INTO projector.contacts_v1 AS t (id, subaccount_id, email, address, name, assigned_user_id,
  latest_appointment_id, first_seen_at, erased, sequence)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[],
  $8::timestamptz[], $9::bool[], $10::bigint[])
ON CONFLICT (id) DO UPDATE SET name = excluded.name, assigned_user_id = excluded.assigned_user_id,
  latest_appointment_id = excluded.latest_appointment_id, sequence = excluded.sequence
 WHERE t.sequence < excluded.sequence
"""


class _Calendar(msgspec.Struct, gc=False):
    uri: str
    name: str
    kind: str


class _Imported(msgspec.Struct, gc=False):
    appointment_id: UUID
    subaccount_id: UUID
    calendar: _Calendar
    title: str
    starts_at: datetime
    ends_at: datetime
    source: str
    status: str
    contact_id: UUID | None
    booked_at: datetime
    via: str


class _Assigned(msgspec.Struct, gc=False):
    appointment_id: UUID
    owner_user_id: UUID


class _Contact(msgspec.Struct, gc=False):
    contact_id: UUID
    subaccount_id: UUID
    email: str
    name: str
    assigned_user_id: UUID
    latest_appointment_id: UUID
    first_seen_at: datetime


_imported = msgspec.json.Decoder(_Imported).decode
_assigned = msgspec.json.Decoder(_Assigned).decode
_contact = msgspec.json.Decoder(_Contact).decode


async def write_appointments(connection: asyncpg.Connection, records: list[ConsumerRecord]) -> None:
    """Write what the records of a batch do to appointments."""
    rows, owners, deleted = dict[UUID, list[object]](), list[tuple[object, ...]](), list[UUID]()
    for record in records:
        told, value = dict(record.headers), record.value or b""
        kind, sequence = told["ce_type"], int(told["ce_sequence"])
        if kind == b"bookstream.BookingImported.v1":
            rows.update([_row(_imported(value), datetime.fromisoformat(told["ce_time"].decode()))])
        elif kind == b"bookstream.OwnerAssigned.v1":
            one = _assigned(value)
            if one.appointment_id in rows:
                rows[one.appointment_id][-2:] = [one.owner_user_id, sequence]
            else:
                owners.append((one.appointment_id, one.owner_user_id, sequence))
        else:
            deleted.append(UUID((record.key or b"").decode()))
    if rows:
        await connection.execute(_APPOINTMENTS, *columns(sorted(rows.values(), key=lambda row: row[0])))
    if owners:
        await connection.execute(_OWNERS, *columns(sorted(owners)))
    if deleted:
        await connection.execute(_DELETE, deleted)


def _row(one: _Imported, time: datetime) -> tuple[UUID, list[object]]:
    calendar = one.calendar
    return one.appointment_id, [
        one.appointment_id, one.subaccount_id, calendar.uri, calendar.name, calendar.kind, one.title, one.starts_at,
        one.ends_at, one.source, one.status, one.contact_id, one.booked_at, one.via, time, None, 1,
    ]  # fmt: skip


async def write_contacts(connection: asyncpg.Connection, records: list[ConsumerRecord]) -> None:
    """Write what the records of a batch do to contacts."""
    rows = dict[UUID, tuple[object, ...]]()
    for record in records:
        one, sequence = _contact(record.value or b""), int(dict(record.headers)["ce_sequence"])
        rows[one.contact_id] = (
            one.contact_id, one.subaccount_id, one.email, one.email.strip().casefold(), one.name, one.assigned_user_id,
            one.latest_appointment_id, one.first_seen_at, False, sequence,
        )  # fmt: skip
    if rows:
        await connection.execute(_CONTACTS, *columns(sorted(rows.values(), key=lambda row: row[0])))


def columns(rows: Iterable[Sequence[Any]]) -> Iterable[list[Any]]:
    """Turn rows into columns."""
    return map(list, zip(*rows, strict=True))
