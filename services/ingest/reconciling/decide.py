"""Decide what was found at Calendly, purely."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.booked import BookedInvitee
from domain.import_booking import Outcome
from domain.ownership import Draw
from domain.reconcile import Finder, reconcile_booking
from domain.recorded import Context
from services.ingest.importing.gather import Gathered, Heard


@dataclass(frozen=True, kw_only=True)
class Found(Heard):
    """A booking that Calendly lists, and whether it is still active there."""

    active: bool


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What becomes of one booking."""

    booked: BookedInvitee
    outcome: Outcome


def decide(
    found: Sequence[Found],
    gathered: Gathered,
    *,
    finder: Finder,
    pass_id: UUID,
    restored_until: Mapping[UUID, datetime],
    clock: Callable[[], datetime],
    draw: Draw,
) -> list[Decision]:
    """Decide each booking. `restored_until` has the calendars that are being restored (R15), by id.

    A booking that was canceled before it was imported stays out (DESIGN 2): its cancellation is R7's to ignore.
    """
    decisions: list[Decision] = []
    for one in found:
        concerned = gathered.concerned(one)
        if not one.active and not concerned.booking.exists:
            decisions.append(Decision(booked=one.booked, outcome=Outcome(kind="left_out", rule="R7")))
            continue
        outcome = reconcile_booking(
            Context(at=clock(), cause="reconciliation", cause_id=pass_id),
            one.booked,
            concerned,
            finder=finder,
            restored_until=restored_until.get(one.calendar_id),
            draw=draw,
        )
        decisions.append(Decision(booked=one.booked, outcome=outcome))
    return decisions


def imported(decisions: Sequence[Decision]) -> int:
    """Return how many bookings became appointments."""
    return sum(one.outcome.kind == "imported" for one in decisions)
