"""Loads the two places that a connection takes (R20, R21)."""

from uuid import UUID

from domain import ids
from domain.account_link import AccountLink
from domain.connecting import Places
from services.ingest.event_store import EventStore


async def load_places(store: EventStore, *, subaccount_id: UUID, user_id: UUID, calendly_user_uri: str) -> Places:
    """Return the user's slot and the account's own place, in one read."""
    slot = ids.user_slot_id(subaccount_id=subaccount_id, user_id=user_id)
    account = ids.account_link_id(calendly_user_uri)
    links = await store.load(AccountLink, [slot, account])
    return Places(slot=links[slot], account=links[account])
