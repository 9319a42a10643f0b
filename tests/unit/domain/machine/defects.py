"""Defects to plant in the domain, one at a time: each breaks one rule. Only the machine's own test uses them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import import_booking, reconcile, restore
from domain.booking import Booking, OwnerAssigned
from domain.calendar import Calendar, SelectionAdded, Span
from domain.connecting import Places
from domain.contact import Contact, Guest
from domain.import_booking import Concerned, Outcome
from domain.ownership import assign_owner
from domain.recorded import Context
from tests.unit.domain.machine import world

Plant = Callable[[pytest.MonkeyPatch], None]


def the_gap_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """R14."""
    patch.setattr(Calendar, "was_selected_at", lambda self, moment: moment >= self.spans[0].since)


def the_moment_of_leaving_is_no_gap_yet(patch: pytest.MonkeyPatch) -> None:
    """R14, off by one."""
    patch.setattr(Span, "covers", lambda self, moment: self.since <= moment <= (self.until or moment))


def a_deleted_booking_comes_back(patch: pytest.MonkeyPatch) -> None:
    """R19."""
    patch.setattr(Booking, "exists", property(lambda self: self.version > 0 and not self.deleted))


def the_owner_is_drawn_again(patch: pytest.MonkeyPatch) -> None:
    """R12."""

    def redrawing(context: Context, booked: Any, concerned: Concerned, **facts: Any) -> Outcome:
        outcome = import_booking.import_booking(context, booked, concerned, **facts)
        if outcome.kind == "duplicate" and concerned.calendar.selected:
            drawn = assign_owner(concerned.calendar, delivered_to=facts["delivered_to"], draw=facts["draw"])
            assigned = {"rule": drawn.rule, "candidates": list(drawn.candidates), "contact_id": None}
            subaccount_id = facts["subaccount_id"]
            concerned.booking.record(
                OwnerAssigned, context, subaccount_id=subaccount_id, owner_user_id=drawn.user_id, **assigned
            )
        return outcome

    patch.setattr(world, "import_booking", redrawing)


def who_left_is_drawn_too(patch: pytest.MonkeyPatch) -> None:
    """R12."""

    def assign(calendar: Calendar, **facts: Any) -> Any:
        owner = assign_owner(calendar, **facts)
        if owner.rule == "connecting_user":
            return owner
        users = tuple(sorted({*calendar.selected_by, *calendar.choices}))
        return replace(owner, user_id=facts["draw"](users), candidates=users)

    patch.setattr(import_booking, "assign_owner", assign)


def the_contact_follows_the_last_arrival(patch: pytest.MonkeyPatch) -> None:
    """R10."""
    add_booking = Contact.add_booking

    def add(self: Contact, context: Context, *, booked_at: datetime, **facts: Any) -> None:
        if self.state is not None and self.state.latest_appointment_id != facts["appointment_id"]:
            self.state = replace(self.state, latest_booked_at=booked_at - timedelta(days=1))
        add_booking(self, context, booked_at=booked_at, **facts)

    patch.setattr(Contact, "add_booking", add)


def addresses_are_only_lowered(patch: pytest.MonkeyPatch) -> None:
    """R9."""
    patch.setattr(Guest, "address", property(lambda self: self.email.strip().lower()))


def what_was_booked_while_connecting_is_left_out(patch: pytest.MonkeyPatch) -> None:
    """R8, off by one."""
    finder = reconcile.Finder
    tick = timedelta(microseconds=1)
    patch.setattr(world, "Finder", lambda *, connection, first_connected_at: finder(
        connection=connection, first_connected_at=first_connected_at + tick
    ))  # fmt: skip


def the_window_is_a_minute_short(patch: pytest.MonkeyPatch) -> None:
    """R15, off by one."""
    patch.setattr(restore, "REACHES_BACK", restore.REACHES_BACK - timedelta(minutes=1))


def what_starts_now_is_past(patch: pytest.MonkeyPatch) -> None:
    """R15, off by one."""
    restore_booking = restore.restore_booking

    def earlier(context: Context, booked: Any, *others: Any, **facts: Any) -> Outcome:
        booked = replace(booked, starts_at=booked.starts_at - timedelta(microseconds=1))
        return restore_booking(context, booked, *others, **facts)

    patch.setattr(world, "restore_booking", earlier)


def comparing_brings_back_what_is_not_missed(patch: pytest.MonkeyPatch) -> None:
    """R15: what was made before the calendar was taken up again is not for a comparison to import."""

    def found(context: Context, booked: Any, concerned: Concerned, *, finder: Any, **facts: Any) -> Outcome:
        del facts["restored_until"]
        who = {"subaccount_id": world.SUBACCOUNT, "delivered_to": finder.connection.facts.user_id}
        return import_booking.import_booking(context, booked, concerned, via="reconciliation", **who, **facts)

    patch.setattr(world, "reconcile_booking", found)


def one_delete_is_enough(patch: pytest.MonkeyPatch) -> None:
    """R18."""
    patch.setattr(world, "delete_is_agreed", lambda it: not it.selected and "delete" in it.choices.values())


def selecting_again_voids_nothing(patch: pytest.MonkeyPatch) -> None:
    """R18."""
    added = Calendar._added

    def keeping(self: Calendar, event: SelectionAdded) -> None:
        choices = dict(self.choices)
        added(self, event)
        self.choices = choices

    patch.setattr(Calendar, "_added", keeping)


def disconnecting_forgets_what_was_kept(patch: pytest.MonkeyPatch) -> None:
    """R17."""
    disconnect = world.disconnect_account

    def forgetting(context: Context, connection: Any, *others: Any, **facts: Any) -> None:
        connection.ever_selected = set(connection.selected)
        disconnect(context, connection, *others, **facts)

    patch.setattr(world, "disconnect_account", forgetting)


def a_user_may_have_two_accounts(patch: pytest.MonkeyPatch) -> None:
    """R20."""
    check_free = Places.check_free

    def checking(self: Places) -> None:
        if self.account.held_by is not None:
            check_free(self)

    patch.setattr(Places, "check_free", checking)


DEFECTS: tuple[Plant, ...] = (
    the_gap_is_ignored,
    the_moment_of_leaving_is_no_gap_yet,
    a_deleted_booking_comes_back,
    the_owner_is_drawn_again,
    who_left_is_drawn_too,
    the_contact_follows_the_last_arrival,
    addresses_are_only_lowered,
    what_was_booked_while_connecting_is_left_out,
    the_window_is_a_minute_short,
    what_starts_now_is_past,
    comparing_brings_back_what_is_not_missed,
    one_delete_is_enough,
    selecting_again_voids_nothing,
    disconnecting_forgets_what_was_kept,
    a_user_may_have_two_accounts,
)
