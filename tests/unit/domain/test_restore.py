"""What a calendar that is selected again brings back (R8, R13 to R15, R19)."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.booking import Booking, BookingImported
from domain.calendar import Calendar
from domain.connection import CalendarLabel, Connection
from domain.import_booking import Concerned, Outcome
from domain.reconcile import Finder
from domain.restore import REACHES_BACK, Reselection, restore_booking, selected_again
from tests.unit.domain.givens import CALENDAR, CALENDAR_URI, CONNECTION, INGRID, NINE, SUBACCOUNT, TOMAS, at, booked

APPOINTMENT = UUID("00000000-0000-4000-8000-0000000000b1")
LABEL = CalendarLabel(uri=CALENDAR_URI, name="Intro call", kind="personal")
DAY = 24 * 60


def reselected(*, left: int = -10 * DAY) -> Calendar:
    """Return a calendar selected a year ago, left so many minutes after nine, and selected again at nine."""
    calendar = Calendar(CALENDAR)
    add(calendar, -365 * DAY)
    calendar.remove_selection(at(left), user_id=INGRID, synced_events="delete")
    add(calendar, 0)
    return calendar


def add(calendar: Calendar, minutes: int, user_id: UUID = INGRID) -> None:
    calendar.add_selection(
        at(minutes), subaccount_id=SUBACCOUNT, user_id=user_id, connection_id=CONNECTION, label=LABEL
    )  # fmt: skip


def connection() -> Connection:
    made = Connection(CONNECTION)
    made.connect(at(-400 * DAY), subaccount_id=SUBACCOUNT, user_id=INGRID, calendly_user_uri="U1", plan="teams")
    return made


def when_restored(
    booked_at: int,
    *,
    starts: timedelta,
    calendar: Calendar | None = None,
    booking: Booking | None = None,
    first_connected: int = -400 * DAY,
) -> Outcome:
    return restore_booking(
        at(60),
        replace(booked(booked_at), starts_at=NINE + starts, ends_at=NINE + starts + timedelta(minutes=30)),
        Concerned(calendar=calendar or reselected(), booking=booking or Booking(APPOINTMENT), contact=None),
        finder=Finder(connection=connection(), first_connected_at=NINE + timedelta(minutes=first_connected)),
        reselection=Reselection(at=NINE),
        draw=max,
    )


SOON, PAST = timedelta(days=1), timedelta(days=-1)


def test_r15_an_upcoming_booking_comes_back_marked_however_old_it_is() -> None:
    booking = Booking(APPOINTMENT)

    outcome = when_restored(-300 * DAY, starts=SOON, booking=booking)

    imported = booking.collect_events()[0]
    assert outcome == Outcome(kind="imported", rule="R4", appointment_id=APPOINTMENT)
    assert isinstance(imported, BookingImported)
    assert imported.via == "reconnect"


@pytest.mark.parametrize(("booked_at", "kind"), [(-180 * DAY, "imported"), (-180 * DAY - 1, "left_out")])
def test_r15_a_past_one_comes_back_when_it_was_created_within_180_days_before(booked_at: int, kind: str) -> None:
    assert timedelta(days=180) == REACHES_BACK
    assert when_restored(booked_at, starts=PAST).kind == kind


@pytest.mark.parametrize(("starts", "kind"), [(timedelta(), "imported"), (timedelta(microseconds=-1), "left_out")])
def test_r15_upcoming_means_starting_at_the_reselection_or_later(starts: timedelta, kind: str) -> None:
    assert when_restored(-200 * DAY, starts=starts).kind == kind


@pytest.mark.parametrize(
    ("booked_at", "rule"), [(-10 * DAY, "R14"), (-1, "R14"), (-365 * DAY - 1, "R13"), (-401 * DAY, "R8"), (0, "R13")]
)
def test_r8_r13_r14_neither_the_gap_nor_what_came_before_nor_what_comes_after(booked_at: int, rule: str) -> None:
    assert when_restored(booked_at, starts=SOON) == Outcome(kind="left_out", rule=rule)


def test_what_was_kept_is_not_doubled() -> None:
    booking = Booking(APPOINTMENT)
    when_restored(-20 * DAY, starts=SOON, booking=booking)
    booking.collect_events()

    outcome = when_restored(-20 * DAY, starts=SOON, booking=booking)

    assert outcome == Outcome(kind="duplicate", rule="R4", appointment_id=APPOINTMENT)
    assert booking.collect_events() == []


def test_r14_a_calendar_that_was_left_meanwhile_brings_nothing_back() -> None:
    calendar = reselected()
    calendar.remove_selection(at(30), user_id=INGRID, synced_events="keep")
    assert when_restored(-20 * DAY, starts=SOON, calendar=calendar) == Outcome(kind="left_out", rule="R14")


def test_selected_again_are_the_calendars_that_this_decision_selected_and_that_were_selected_before() -> None:
    # given one that was selected before by the same user, one by another who still has it, and one that is new
    mine, again, shared, new = connection(), Calendar(CALENDAR), Calendar(UUID(int=1)), Calendar(UUID(int=2))
    labels = {one.id: replace(LABEL, uri=f"{CALENDAR_URI}{n}") for n, one in enumerate((again, shared, new))}

    def select(calendar: Calendar, minutes: int, user_id: UUID) -> None:
        label = labels[calendar.id]
        calendar.add_selection(
            at(minutes), subaccount_id=SUBACCOUNT, user_id=user_id, connection_id=CONNECTION, label=label
        )
        if user_id == INGRID:
            mine.select(at(minutes), calendar=label, again=False)

    select(again, -20, INGRID)
    again.remove_selection(at(-10), user_id=INGRID, synced_events="keep")
    mine.deselect(at(-10), calendar_uri=labels[again.id].uri, synced_events="keep", reason="deselected")
    select(shared, -20, TOMAS)
    # when
    for one in (again, shared, new):
        select(one, 0, INGRID)
    # then
    assert selected_again(mine, (again, shared, new), at=NINE) == [again, shared]
    assert selected_again(mine, (again, shared, new), at=NINE + timedelta(minutes=1)) == []
