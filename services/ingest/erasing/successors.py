"""Who was erased and books again is another contact: its id is derived from that of the erased one."""

from collections.abc import Mapping
from uuid import UUID

from domain import ids
from domain.contact import Contact
from services.ingest.event_store import EventStore


async def current_contacts(store: EventStore, contacts: Mapping[UUID, Contact]) -> dict[UUID, Contact]:
    """Return the contacts, each that was erased replaced by the one that follows it, under the same ids as before."""
    current = dict(contacts)
    while erased := {first: ids.next_contact_id(one.id) for first, one in current.items() if one.erased}:
        followers = await store.load(Contact, erased.values())
        current |= {first: followers[follower] for first, follower in erased.items()}
    return current
