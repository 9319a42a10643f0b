"""The contacts that exist (R9), each with its assigned user (R10). The topic carries whole states; null erases one."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from bookstream_contracts import ContactUpsertedV1, event_type

from services.projector.records import Erased, Occurred
from services.runtime.database import Connection

_UPSERTED = event_type(ContactUpsertedV1)
_COLUMNS = ("id", "subaccount_id", "email", "address", "name", "assigned_user_id", "latest_appointment_id",
            "first_seen_at", "sequence", "erased")  # fmt: skip
_LIST = ", ".join(_COLUMNS)

_UPSERT = f"""
INSERT INTO projector.contacts_v{{version}} AS t ({_LIST})
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[],
                     $8::timestamptz[], $9::bigint[], $10::boolean[])
ON CONFLICT (id) DO UPDATE
   SET subaccount_id = excluded.subaccount_id, email = excluded.email, address = excluded.address, name = excluded.name,
       assigned_user_id = excluded.assigned_user_id, latest_appointment_id = excluded.latest_appointment_id,
       first_seen_at = excluded.first_seen_at, sequence = excluded.sequence, erased = false
 WHERE t.sequence < excluded.sequence
"""  # noqa: S608, the columns are the constants above

_ERASE = """
INSERT INTO projector.contacts_v{version} AS t (id, erased, sequence)
SELECT s.id, true, s.sequence FROM unnest($1::uuid[], $2::bigint[]) AS s (id, sequence)
ON CONFLICT (id) DO UPDATE
   SET subaccount_id = NULL, email = NULL, address = NULL, name = NULL, assigned_user_id = NULL,
       latest_appointment_id = NULL, first_seen_at = NULL, erased = true,
       sequence = greatest(t.sequence, excluded.sequence)
"""

# Of what was copied of a contact the last counts, as it would have live: null, or a state no older than those before.
_SETTLE = f"""
INSERT INTO projector.contacts_v{{version}} ({_LIST})
SELECT DISTINCT ON (id) id, subaccount_id, email, address, name, assigned_user_id, latest_appointment_id, first_seen_at,
       greatest(sequence, coalesce(known, 0)), erased
  FROM (SELECT *, max(sequence) OVER (PARTITION BY id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                  AS known FROM projector.contacts_v{{version}}_copied) AS s
 WHERE erased OR known IS NULL OR sequence > known
 ORDER BY id, place DESC
"""  # noqa: S608, the columns are the constants above


class Change(msgspec.Struct, gc=False):
    """What events do to one contact: its newest state, or None where it was erased after it."""

    sequence: int = 0
    state: ContactUpsertedV1 | None = None


class Contacts:
    """The projection `contacts`."""

    name = "contacts"
    topic = "crm.calendly.contacts.v1"
    null_erases = True
    compared = "CASE WHEN t.erased THEN 'erased' ELSE t::text END"
    aside = "copied"
    aside_columns = "LIKE projector.contacts_v{version}, place bigint GENERATED ALWAYS AS IDENTITY"
    settle: tuple[str, ...] = (_SETTLE,)

    def fold(self, events: Iterable[Occurred | Erased], into: dict[UUID, Change]) -> None:
        """Fold events into the newest states of their contacts. Pure."""
        for one in events:
            if type(one) is Erased:
                into.setdefault(one.key, Change()).state = None
            elif type(one) is Occurred and one.envelope.type == _UPSERTED:
                change = into.setdefault(one.envelope.subject, Change())
                if one.envelope.sequence > change.sequence:
                    change.sequence, change.state = one.envelope.sequence, one.event

    async def write(self, connection: Connection, events: Sequence[Occurred | Erased], *, version: int) -> None:
        """Write the newest states, ordered by id; what is erased keeps a row without personal data."""
        folded: dict[UUID, Change] = {}
        self.fold(events, folded)
        changes = sorted(folded.items())
        rows = [_values(id_, change) for id_, change in changes if change.state]
        erased = [(id_, change.sequence) for id_, change in changes if not change.state]
        if rows:
            await connection.execute(_UPSERT.format(version=version), *map(list, zip(*rows, strict=True)))
        if erased:
            await connection.execute(_ERASE.format(version=version), *map(list, zip(*erased, strict=True)))

    async def copy(self, connection: Connection, changes: Mapping[UUID, Change], *, version: int) -> None:
        """Copy states aside, into a table without indexes."""
        records = [_values(id_, change) for id_, change in changes.items()]
        await connection.copy_records_to_table(
            f"{self.name}_v{version}_copied", schema_name="projector", columns=_COLUMNS, records=records
        )


def _values(id_: UUID, change: Change) -> tuple[object, ...]:
    one = change.state
    if one is None:
        return id_, None, None, None, None, None, None, None, change.sequence, True
    return (
        id_, one.subaccount_id, one.email, one.email.strip().casefold(), one.name, one.assigned_user_id,
        one.latest_appointment_id, one.first_seen_at, change.sequence, False,
    )  # fmt: skip
