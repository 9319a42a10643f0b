"""The contacts that exist (R9), each with its assigned user (R10). The topic carries whole states; null erases one."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from bookstream_contracts import ContactUpsertedV1

from services.projector.records import Erased, Occurred
from services.runtime.database import Connection

_UPSERT = """
INSERT INTO projector.contacts_v{version} AS t (id, subaccount_id, email, address, name, assigned_user_id,
                                                latest_appointment_id, first_seen_at, sequence, erased)
SELECT s.*, false FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[],
                              $8::timestamptz[], $9::bigint[]) AS s
ON CONFLICT (id) DO UPDATE
   SET subaccount_id = excluded.subaccount_id, email = excluded.email, address = excluded.address, name = excluded.name,
       assigned_user_id = excluded.assigned_user_id, latest_appointment_id = excluded.latest_appointment_id,
       first_seen_at = excluded.first_seen_at, sequence = excluded.sequence, erased = false
 WHERE t.sequence < excluded.sequence
"""

_ERASE = """
INSERT INTO projector.contacts_v{version} AS t (id, erased, sequence)
SELECT s, true, 0 FROM unnest($1::uuid[]) AS s
ON CONFLICT (id) DO UPDATE
   SET email = NULL, address = NULL, name = NULL, assigned_user_id = NULL, latest_appointment_id = NULL,
       first_seen_at = NULL, erased = true
"""


def fold(events: Iterable[Occurred | Erased]) -> dict[UUID, Occurred | None]:
    """Return the newest state of each contact, None where it was erased last. Pure."""
    newest: dict[UUID, Occurred | None] = {}
    for one in events:
        if isinstance(one, Erased):
            newest[one.key] = None
        elif isinstance(one.event, ContactUpsertedV1) and _is_newer(one, newest.get(one.envelope.subject)):
            newest[one.envelope.subject] = one
    return newest


def _is_newer(one: Occurred, known: Occurred | None) -> bool:
    return known is None or one.envelope.sequence > known.envelope.sequence


class Contacts:
    """The projection `contacts`."""

    name = "contacts"
    topic = "crm.calendly.contacts.v1"
    null_erases = True

    async def write(self, connection: Connection, events: Sequence[Occurred | Erased], *, version: int) -> None:
        """Write the newest states, ordered by id; what is erased keeps a row without personal data."""
        newest = sorted(fold(events).items())
        rows = [_values(one) for _, one in newest if one is not None]
        erased = [id_ for id_, one in newest if one is None]
        if rows:
            await connection.execute(_UPSERT.format(version=version), *map(list, zip(*rows, strict=True)))
        if erased:
            await connection.execute(_ERASE.format(version=version), erased)


def _values(one: Occurred) -> tuple[object, ...]:
    contact = one.event
    assert isinstance(contact, ContactUpsertedV1)
    return (
        contact.contact_id,
        contact.subaccount_id,
        contact.email,
        contact.email.strip().casefold(),
        contact.name,
        contact.assigned_user_id,
        contact.latest_appointment_id,
        contact.first_seen_at,
        one.envelope.sequence,
    )
