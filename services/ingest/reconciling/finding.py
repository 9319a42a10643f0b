"""Ask Calendly who booked the scheduled events that it lists."""

from collections.abc import Sequence

import structlog

from domain.connection import Connection
from services.ingest.calendly.client import Calendly
from services.ingest.calendly.errors import NotFound, PermissionDenied
from services.ingest.calendly.models import Invitee, ScheduledEvent
from services.ingest.reconciling.decide import Found
from services.ingest.reconciling.listing import ACTIVE, booking_of

log = structlog.get_logger(__name__)


async def find(calendly: Calendly, connection: Connection, events: Sequence[ScheduledEvent]) -> list[Found]:
    """Return the bookings of scheduled events, canceled ones among them. Raises CalendlyError."""
    found: list[Found] = []
    for event in events:
        for invitee in await _invitees(calendly, event):
            booked = booking_of(event, invitee)
            if booked is not None:
                found.append(
                    Found(subaccount_id=connection.facts.subaccount_id, booked=booked, active=invitee.status == ACTIVE)
                )
    return found


async def _invitees(calendly: Calendly, event: ScheduledEvent) -> list[Invitee]:
    try:
        return await calendly.invitees(event.uri)
    except (NotFound, PermissionDenied) as error:
        # Erased for compliance, or handed to another host, between the two calls.
        log.info("a listed event cannot be read", error=type(error).__name__)
        return []
