"""What Calendly lists, as bookings."""

from collections.abc import AsyncIterator
from datetime import UTC
from typing import TypeVar

from domain.booked import BookedInvitee
from services.ingest.calendly.models import Invitee, ScheduledEvent
from services.ingest.importing.translate import guest_of

Item = TypeVar("Item")

ACTIVE = "active"


def booking_of(event: ScheduledEvent, invitee: Invitee) -> BookedInvitee | None:
    """Return the booking of one invitee; None where Calendly does not say of which calendar it is."""
    if event.event_type is None:
        return None
    return BookedInvitee(
        invitee_uri=invitee.uri,
        event_uri=event.uri,
        calendar_uri=event.event_type,
        title=(event.name or "").strip(),
        starts_at=event.start_time.astimezone(UTC),
        ends_at=max(event.start_time, event.end_time).astimezone(UTC),
        booked_at=invitee.created_at.astimezone(UTC),
        guest=guest_of(email=invitee.email, name=invitee.name),
    )


async def in_batches(items: AsyncIterator[Item], size: int) -> AsyncIterator[list[Item]]:
    """Yield items in lists of `size`, the last one shorter."""
    batch: list[Item] = []
    async for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
