"""The decision at the heart of it: what becomes of a booking that Calendly told us of (R3, R4, R7 to R14, R19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from domain.booked import BookedInvitee, title_without_guest
from domain.booking import Booking, Owner, Via
from domain.calendar import Calendar
from domain.contact import Contact
from domain.ownership import Draw, assign_owner
from domain.recorded import Context


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a booking, by which rule, and the appointment concerned, if there is one."""

    kind: Literal["imported", "duplicate", "left_out", "ignored"]
    rule: str
    appointment_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Concerned:
    """The aggregates that a booking concerns; `contact` is None when there is no guest (R9)."""

    calendar: Calendar
    booking: Booking
    contact: Contact | None


def import_booking(
    context: Context,
    booked: BookedInvitee,
    concerned: Concerned,
    *,
    subaccount_id: UUID,
    delivered_to: UUID,
    via: Via,
    draw: Draw,
    plan_accepted: bool = True,
) -> Outcome:
    """Make an appointment of a booking, or say by which rule there is none.

    A booking that is here already is a duplicate, one whose appointment was deleted stays deleted (R19). A calendar
    must be selected now and must have been when the booking was made (DESIGN 2 on late deliveries). Nothing
    comes in by a connection whose plan has lapsed (R22).
    """
    booking = concerned.booking
    if booking.exists:
        return _known(booking)
    rule = _left_out_by(concerned.calendar, booked) if plan_accepted else "R22"
    if rule is not None:
        return Outcome(kind="left_out", rule=rule)
    _make_appointment(
        context, booked, concerned, subaccount_id=subaccount_id, delivered_to=delivered_to, via=via, draw=draw
    )
    return Outcome(kind="imported", rule="R4", appointment_id=booking.id)


def _known(booking: Booking) -> Outcome:
    if booking.deleted:
        return Outcome(kind="ignored", rule="R19", appointment_id=booking.id)
    return Outcome(kind="duplicate", rule="R4", appointment_id=booking.id)


def _left_out_by(calendar: Calendar, booked: BookedInvitee) -> str | None:
    if not calendar.spans:
        return "R3"
    if not calendar.selected:
        return "R14"
    if calendar.was_selected_at(booked.booked_at):
        return None
    return "R13" if booked.booked_at < calendar.spans[0].since else "R14"


def _make_appointment(
    context: Context,
    booked: BookedInvitee,
    concerned: Concerned,
    *,
    subaccount_id: UUID,
    delivered_to: UUID,
    via: Via,
    draw: Draw,
) -> None:
    owner = assign_owner(concerned.calendar, delivered_to=delivered_to, draw=draw)
    facts = _facts(booked, concerned)
    concerned.booking.import_(context, owner=owner, subaccount_id=subaccount_id, via=via, **facts)
    _add_to_contact(context, booked, concerned, subaccount_id=subaccount_id, owner=owner)


def _facts(booked: BookedInvitee, concerned: Concerned) -> dict[str, Any]:
    label = concerned.calendar.label
    assert label is not None
    return {
        "calendar_uri": label.uri,
        "calendar_name": label.name,
        "calendar_kind": label.kind,
        "title": title_without_guest(booked, calendar_name=label.name),
        "starts_at": booked.starts_at,
        "ends_at": booked.ends_at,
        "contact_id": concerned.contact.id if concerned.contact else None,
        "calendly_event_uri": booked.event_uri,
        "calendly_invitee_uri": booked.invitee_uri,
        "booked_at": booked.booked_at,
    }


def _add_to_contact(
    context: Context, booked: BookedInvitee, concerned: Concerned, *, subaccount_id: UUID, owner: Owner
) -> None:
    if concerned.contact is not None and booked.guest is not None:
        concerned.contact.add_booking(
            context,
            subaccount_id=subaccount_id,
            guest=booked.guest,
            appointment_id=concerned.booking.id,
            booked_at=booked.booked_at,
            owner_user_id=owner.user_id,
        )
