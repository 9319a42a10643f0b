"""What Calendly lists, as bookings."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from domain.booked import BookedInvitee
from services.ingest.calendly.client import Calendly
from services.ingest.calendly.errors import PermissionDenied
from services.ingest.calendly.models import Invitee, ScheduledEvent
from services.ingest.connections.rows import Row
from services.ingest.importing.translate import guest_of, plain_text

log = structlog.get_logger(__name__)

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
        title=plain_text(event.name),
        starts_at=event.start_time.astimezone(UTC),
        ends_at=max(event.start_time, event.end_time).astimezone(UTC),
        booked_at=invitee.created_at.astimezone(UTC),
        guest=guest_of(email=invitee.email, name=invitee.name),
    )


async def listed(
    calendly: Calendly, row: Row, *, first: datetime, last: datetime, everybodys: bool
) -> AsyncIterator[ScheduledEvent]:
    """Yield the scheduled events that start between two moments, those of the user whose token it is.

    With `everybodys` those of the whole organization where the token may list them: a shared calendar's bookings may
    be hosted by somebody who is not connected (DESIGN 2).
    """
    if everybodys:
        whole = {"organization": row.organization_uri}
        try:
            async for event in calendly.scheduled_events(whole, min_start=first, max_start=last):
                yield event
        except PermissionDenied:
            log.debug("the organization's events are not for this token", connection=str(row.id))
        else:
            return
    own = {"user": row.calendly_user_uri}
    async for event in calendly.scheduled_events(own, min_start=first, max_start=last):
        yield event


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
