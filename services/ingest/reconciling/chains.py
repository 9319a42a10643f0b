"""The appointments that one booking had, one after the other (R19)."""

from domain import ids
from domain.booking import Booking
from services.ingest.event_store import EventStore
from services.ingest.importing.gather import Gathered


async def go_to_last(store: EventStore, gathered: Gathered) -> None:
    """Put in the place of each deleted appointment the one that was made after it, or would be."""
    while deleted := {first: one for first, one in gathered.bookings.items() if one.deleted}:
        following = {first: ids.next_booking_id(one.id) for first, one in deleted.items()}
        loaded = await store.load(Booking, following.values())
        gathered.bookings.update({first: loaded[one] for first, one in following.items()})
