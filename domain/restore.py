"""What a calendar that is selected again brings back (R8, R14, R15, R19)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.booked import BookedInvitee
from domain.calendar import Calendar
from domain.connection import Connection
from domain.import_booking import Concerned, Outcome, import_booking
from domain.ownership import Draw
from domain.reconcile import Finder
from domain.recorded import Context

REACHES_BACK = timedelta(days=180)
"""How long before the reselection a past booking may have been created (R15)."""


@dataclass(frozen=True, kw_only=True)
class Reselection:
    """That a calendar was selected again, and when. What is upcoming and what is past is meant as of then."""

    at: datetime

    @property
    def reaches_back_to(self) -> datetime:
        """The earliest creation of a past booking that is brought back."""
        return self.at - REACHES_BACK


def selected_again(connection: Connection, calendars: Iterable[Calendar], *, at: datetime) -> list[Calendar]:
    """Return the calendars that a connection selected at this moment and that the subaccount had selected before."""
    return [one for one in calendars if _joined_at(connection, one) == at and one.spans[0].since < at]


def restore_booking(
    context: Context,
    booked: BookedInvitee,
    concerned: Concerned,
    *,
    finder: Finder,
    reselection: Reselection,
    draw: Draw,
) -> Outcome:
    """Bring a booking back, or say by which rule it stays out; one that was kept is there and is a duplicate.

    `concerned.booking` is the last of the invitee's appointments, or the place of a new one where that was deleted
    (R19). What was booked since the reselection is not R15's: it is synced as any new booking.
    """
    if not concerned.booking.exists:
        rule = _left_out_by(booked, concerned.calendar, finder=finder, reselection=reselection)
        if rule is not None:
            return Outcome(kind="left_out", rule=rule)
    facts = finder.connection.facts
    return import_booking(
        context,
        booked,
        concerned,
        subaccount_id=facts.subaccount_id,
        delivered_to=facts.user_id,
        via="reconnect",
        draw=draw,
    )


def _joined_at(connection: Connection, calendar: Calendar) -> datetime | None:
    return connection.selected.get(calendar.label.uri) if calendar.label else None


def _left_out_by(booked: BookedInvitee, calendar: Calendar, *, finder: Finder, reselection: Reselection) -> str | None:
    if not calendar.selected:
        return None
    if booked.booked_at < finder.first_connected_at:
        return "R8"
    if booked.booked_at >= reselection.at:
        return "R13"
    if not calendar.was_selected_at(booked.booked_at):
        return None
    upcoming = booked.starts_at >= reselection.at
    return None if upcoming or booked.booked_at >= reselection.reaches_back_to else "R15"
