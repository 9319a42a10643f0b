"""A booking as Calendly tells it, reduced to what R5 syncs; what R6 forbids never gets this far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.contact import Guest


@dataclass(frozen=True, kw_only=True)
class BookedInvitee:
    """One invitee of one Calendly event (DESIGN 2: one invitee is one booking). All times are in UTC."""

    invitee_uri: str
    event_uri: str
    calendar_uri: str
    title: str
    starts_at: datetime
    ends_at: datetime
    booked_at: datetime
    guest: Guest | None


def title_without_guest(booked: BookedInvitee, *, calendar_name: str) -> str:
    """Return the title, or the calendar's name where the title would carry the guest's name or e-mail (DESIGN 2)."""
    if booked.guest is None:
        return booked.title
    title = booked.title.casefold()
    personal = (booked.guest.name.strip().casefold(), booked.guest.address)
    return calendar_name if any(part and part in title for part in personal) else booked.title
