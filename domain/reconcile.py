"""What becomes of a booking that was found at Calendly, and that perhaps no delivery told of (R4, R8, R13 to R15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.booked import BookedInvitee
from domain.connection import Connection
from domain.import_booking import Concerned, Outcome, import_booking
from domain.ownership import Draw
from domain.recorded import Context


@dataclass(frozen=True, kw_only=True)
class Finder:
    """Whose token found a booking, and when that Calendly account was first connected in the subaccount (R8)."""

    connection: Connection
    first_connected_at: datetime


def reconcile_booking(
    context: Context,
    booked: BookedInvitee,
    concerned: Concerned,
    *,
    finder: Finder,
    restored_until: datetime | None,
    draw: Draw,
) -> Outcome:
    """Make an appointment of a booking that was missed, or say by which rule there is none.

    What was booked before the calendar was selected again is R15's, and so is what was booked before
    `restored_until`, which is when an unfinished restoration of the calendar was asked for.
    """
    if not concerned.booking.exists:
        rule = _left_out_by(booked, concerned, finder=finder, restored_until=restored_until)
        if rule is not None:
            return Outcome(kind="left_out", rule=rule)
    facts = finder.connection.facts
    return import_booking(
        context,
        booked,
        concerned,
        subaccount_id=facts.subaccount_id,
        delivered_to=facts.user_id,
        via="reconciliation",
        draw=draw,
    )


def _left_out_by(
    booked: BookedInvitee, concerned: Concerned, *, finder: Finder, restored_until: datetime | None
) -> str | None:
    calendar = concerned.calendar
    if not calendar.selected:
        return None
    if booked.booked_at < finder.first_connected_at:
        return "R8"
    if not calendar.was_selected_at(booked.booked_at):
        return None
    current = calendar.spans[-1].since
    since = max(current, restored_until) if restored_until else current
    return "R15" if booked.booked_at < since else None
