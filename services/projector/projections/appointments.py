"""The appointments that exist (R4, R5), each with its owner (R11, R12); a deleted one leaves no row (R19)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from bookstream_contracts import BookingDeletedV1, BookingImportedV1, OwnerAssignedV1

from services.projector.records import Erased, Occurred
from services.runtime.database import Connection

_TYPES = {
    "id": "uuid", "subaccount_id": "uuid", "calendar_uri": "text", "calendar_name": "text", "calendar_kind": "text",
    "title": "text", "starts_at": "timestamptz", "ends_at": "timestamptz", "source": "text", "status": "text",
    "contact_id": "uuid", "owner_user_id": "uuid", "booked_at": "timestamptz", "imported_at": "timestamptz",
    "via": "text", "sequence": "bigint",
}  # fmt: skip
_COLUMNS = ", ".join(_TYPES)
_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_TYPES.values(), start=1))
_SET = ", ".join(f"{column} = excluded.{column}" for column in _TYPES if column != "id")

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


@dataclass(slots=True)
class Change:
    """What a batch does to one appointment: `row` is a whole new one, `owner` assigns one that is there already."""

    sequence: int = 0
    row: dict[str, object] | None = None
    owner: UUID | None = None
    deleted: bool = False


def fold(events: Iterable[Occurred | Erased]) -> dict[UUID, Change]:
    """Return the change of each appointment. Pure; an event that was seen already changes nothing."""
    changes: dict[UUID, Change] = {}
    for one in events:
        if isinstance(one, Erased):
            continue
        change = changes.setdefault(one.envelope.subject, Change())
        if one.envelope.sequence > change.sequence:
            change.sequence = one.envelope.sequence
            _take(change, one)
    return changes


def _take(change: Change, one: Occurred) -> None:
    match one.event:
        case BookingImportedV1() as imported:
            change.row = _row(imported, one)
        case OwnerAssignedV1() as assigned:
            change.owner = assigned.owner_user_id
        case BookingDeletedV1():
            change.deleted = True
        case _:
            pass


def _row(imported: BookingImportedV1, one: Occurred) -> dict[str, object]:
    return {
        "id": imported.appointment_id,
        "subaccount_id": imported.subaccount_id,
        "calendar_uri": imported.calendar.uri,
        "calendar_name": imported.calendar.name,
        "calendar_kind": imported.calendar.kind,
        "title": imported.title,
        "starts_at": imported.starts_at,
        "ends_at": imported.ends_at,
        "source": imported.source,
        "status": imported.status,
        "contact_id": imported.contact_id,
        "booked_at": imported.booked_at,
        "imported_at": one.envelope.time,
        "via": imported.via,
    }


class Appointments:
    """The projection `appointments`."""

    name = "appointments"
    topic = "crm.calendly.bookings.v1"
    null_erases = False

    async def write(self, connection: Connection, events: Sequence[Occurred | Erased], *, version: int) -> None:
        """Write the changes, ordered by id so that two writers never wait for each other in a ring."""
        changes = sorted(fold(events).items())
        rows = [_values(change) for _, change in changes if change.row and not change.deleted]
        owners = [(id_, c.owner, c.sequence) for id_, c in changes if c.owner and not c.row and not c.deleted]
        deleted = [id_ for id_, change in changes if change.deleted]
        if rows:
            await connection.execute(_UPSERT.format(version=version), *map(list, zip(*rows, strict=True)))
        if owners:
            await connection.execute(_ASSIGN.format(version=version), *map(list, zip(*owners, strict=True)))
        if deleted:
            await connection.execute(_DELETE.format(version=version), deleted)


def _values(change: Change) -> tuple[object, ...]:
    row = {**(change.row or {}), "owner_user_id": change.owner, "sequence": change.sequence}
    return tuple(row[column] for column in _TYPES)
