"""Givens of the domain's tests: moments, users, and a calendar that somebody has selected."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.booked import BookedInvitee
from domain.booking import CalendarKind
from domain.calendar import Calendar
from domain.connection import CalendarLabel
from domain.contact import Guest
from domain.recorded import Context

SUBACCOUNT = UUID("00000000-0000-4000-8000-0000000000aa")
INGRID = UUID("00000000-0000-4000-8000-000000000001")
TOMAS = UUID("00000000-0000-4000-8000-000000000002")
CONNECTION = UUID("00000000-0000-4000-8000-0000000000c1")
CAUSE = UUID("00000000-0000-4000-8000-0000000000d1")
CALENDAR = UUID("00000000-0000-4000-8000-0000000000e1")
CALENDAR_URI = "https://api.calendly.com/event_types/E1"
NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def at(minutes: int) -> Context:
    """Return the surroundings of a decision made so many minutes after nine."""
    return Context(at=NINE + timedelta(minutes=minutes), cause="delivery", cause_id=CAUSE)


def booked(minutes: int, *, guest: Guest | None = None, title: str = "Intro call") -> BookedInvitee:
    """Return a booking made so many minutes after nine."""
    return BookedInvitee(
        invitee_uri="https://api.calendly.com/scheduled_events/S1/invitees/I1",
        event_uri="https://api.calendly.com/scheduled_events/S1",
        calendar_uri=CALENDAR_URI,
        title=title,
        starts_at=NINE + timedelta(days=7),
        ends_at=NINE + timedelta(days=7, minutes=30),
        booked_at=NINE + timedelta(minutes=minutes),
        guest=guest,
    )


def selected_calendar(*users: UUID, kind: CalendarKind = "personal", minutes: int = 0) -> Calendar:
    """Return a calendar that these users selected so many minutes after nine."""
    calendar = Calendar(CALENDAR)
    label = CalendarLabel(uri=CALENDAR_URI, name="Intro call", kind=kind)
    for user in users:
        calendar.add_selection(
            at(minutes), subaccount_id=SUBACCOUNT, user_id=user, connection_id=CONNECTION, label=label
        )
    calendar.collect_events()
    return calendar
