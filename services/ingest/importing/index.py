"""Which bookings a calendar has, written in the transaction that saves them: a deletion finds all of them (R17)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from domain import ids
from domain.booking import Booking, BookingImported
from services.ingest.event_store import Statement

_INSERT = """
INSERT INTO ingest.bookings (booking_id, calendar_id, invitee_uri, booked_at, starts_at)
SELECT * FROM unnest(%(booking_ids)s::uuid[], %(calendar_ids)s::uuid[], %(invitee_uris)s::text[],
                     %(booked_at)s::timestamptz[], %(starts_at)s::timestamptz[])
ON CONFLICT (booking_id) DO NOTHING
"""


def indexed(bookings: Iterable[Booking]) -> list[Statement]:
    """Return the statement that lists the bookings imported since they were loaded; call it before they are saved."""
    new = [(one, one.imported) for one in bookings if one.changed and one.imported is not None and not one.deleted]
    return [(_INSERT, _columns(new))] if new else []


def _columns(new: list[tuple[Booking, BookingImported]]) -> dict[str, list[Any]]:
    return {
        "booking_ids": [booking.id for booking, _ in new],
        "calendar_ids": [_calendar_id(imported) for _, imported in new],
        "invitee_uris": [imported.calendly_invitee_uri for _, imported in new],
        "booked_at": [imported.booked_at for _, imported in new],
        "starts_at": [imported.starts_at for _, imported in new],
    }


def _calendar_id(imported: BookingImported) -> UUID:
    return ids.calendar_id(subaccount_id=imported.subaccount_id, calendar_uri=imported.calendar_uri)
