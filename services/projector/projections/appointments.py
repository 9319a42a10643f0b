"""The appointments that exist (R4, R5), each with its owner (R11, R12); a deleted one leaves no row (R19)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from bookstream_contracts import BookingDeletedV1, BookingImportedV1, OwnerAssignedV1, event_type

from services.projector.records import Erased, Occurred
from services.runtime.database import Connection
from services.runtime.envelope import Envelope

_TYPES = {
    "id": "uuid", "subaccount_id": "uuid", "calendar_uri": "text", "calendar_name": "text", "calendar_kind": "text",
    "title": "text", "starts_at": "timestamptz", "ends_at": "timestamptz", "source": "text", "status": "text",
    "contact_id": "uuid", "booked_at": "timestamptz", "imported_at": "timestamptz", "via": "text",
    "owner_user_id": "uuid", "sequence": "bigint",
}  # fmt: skip
_COLUMNS = ", ".join(_TYPES)
_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_TYPES.values(), start=1))
_SET = ", ".join(f"{column} = excluded.{column}" for column in _TYPES if column != "id")
_LATE = ("id", "owner_user_id", "sequence", "deleted")

_UPSERT = f"""
INSERT INTO projector.appointments_v{{version}} AS t ({_COLUMNS}) SELECT * FROM unnest({_ARRAYS})
ON CONFLICT (id) DO UPDATE SET {_SET} WHERE t.sequence < excluded.sequence
"""  # noqa: S608, the columns are the constants above

_ASSIGN = """
UPDATE projector.appointments_v{version} AS t SET owner_user_id = s.owner, sequence = s.sequence
  FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS s (id, owner, sequence)
 WHERE t.id = s.id AND t.sequence < s.sequence
"""

_DELETE = "DELETE FROM projector.appointments_v{version} WHERE id = ANY($1::uuid[])"

_SETTLE = (
    """
    DELETE FROM projector.appointments_v{version} AS t USING (
        SELECT ctid, row_number() OVER (PARTITION BY id ORDER BY sequence DESC, ctid) AS place
          FROM projector.appointments_v{version}) AS s
     WHERE t.ctid = s.ctid AND s.place > 1
    """,
    """
    UPDATE projector.appointments_v{version} AS t SET owner_user_id = s.owner_user_id, sequence = s.sequence
      FROM (SELECT DISTINCT ON (id) * FROM projector.appointments_v{version}_late
             WHERE NOT deleted ORDER BY id, sequence DESC) AS s
     WHERE t.id = s.id AND t.sequence < s.sequence
    """,
    """
    DELETE FROM projector.appointments_v{version} AS t USING projector.appointments_v{version}_late AS s
     WHERE t.id = s.id AND s.deleted
    """,
)


class Change(msgspec.Struct, gc=False):
    """What events do to one appointment: `row` is a whole new one, `owner` assigns one that is there already."""

    sequence: int = 0
    row: tuple[object, ...] | None = None
    owner: UUID | None = None
    deleted: bool = False


class Appointments:
    """The projection `appointments`."""

    name = "appointments"
    topic = "crm.calendly.bookings.v1"
    null_erases = False
    compared = "t::text"
    aside = "late"
    aside_columns = "id uuid, owner_user_id uuid, sequence bigint, deleted boolean"
    settle: tuple[str, ...] = _SETTLE

    def fold(self, events: Iterable[Occurred | Erased], into: dict[UUID, Change]) -> None:
        """Fold events into the changes of their appointments. Pure; what was seen already changes nothing."""
        for one in events:
            if type(one) is Occurred and (take := _TAKE.get(one.envelope.type)):
                told = one.envelope
                change = into.get(told.subject)
                if change is None:
                    change = into[told.subject] = Change()
                if told.sequence > change.sequence:
                    change.sequence = told.sequence
                    take(change, one.event, told)

    async def write(self, connection: Connection, events: Sequence[Occurred | Erased], *, version: int) -> None:
        """Write the changes, ordered by id so that two writers never wait for each other in a ring."""
        folded: dict[UUID, Change] = {}
        self.fold(events, folded)
        changes = sorted(folded.items())
        rows = [_values(change) for _, change in changes if change.row and not change.deleted]
        owners = [(id_, c.owner, c.sequence) for id_, c in changes if c.owner and not c.row and not c.deleted]
        deleted = [id_ for id_, change in changes if change.deleted]
        if rows:
            await connection.execute(_UPSERT.format(version=version), *map(list, zip(*rows, strict=True)))
        if owners:
            await connection.execute(_ASSIGN.format(version=version), *map(list, zip(*owners, strict=True)))
        if deleted:
            await connection.execute(_DELETE.format(version=version), deleted)

    async def copy(self, connection: Connection, changes: Mapping[UUID, Change], *, version: int) -> None:
        """Copy rows, and what came too late for its row aside, into tables without indexes."""
        rows = [_values(change) for change in changes.values() if change.row and not change.deleted]
        late = [(id_, c.owner, c.sequence, c.deleted) for id_, c in changes.items() if c.deleted or not c.row]
        for table, columns, records in (
            (f"{self.name}_v{version}", _TYPES, rows),
            (f"{self.name}_v{version}_late", _LATE, late),
        ):
            await connection.copy_records_to_table(table, schema_name="projector", columns=columns, records=records)


def _import(change: Change, imported: BookingImportedV1, told: Envelope) -> None:
    calendar = imported.calendar
    change.row = (
        imported.appointment_id, imported.subaccount_id, calendar.uri, calendar.name, calendar.kind, imported.title,
        imported.starts_at, imported.ends_at, imported.source, imported.status, imported.contact_id,
        imported.booked_at, told.time, imported.via,
    )  # fmt: skip


def _assign(change: Change, assigned: OwnerAssignedV1, _: Envelope) -> None:
    change.owner = assigned.owner_user_id


def _delete(change: Change, _deleted: BookingDeletedV1, _: Envelope) -> None:
    change.deleted = True


_TAKE: dict[str, Callable[[Change, Any, Envelope], None]] = {
    event_type(BookingImportedV1): _import,
    event_type(OwnerAssignedV1): _assign,
    event_type(BookingDeletedV1): _delete,
}


def _values(change: Change) -> tuple[object, ...]:
    return *(change.row or ()), change.owner, change.sequence
