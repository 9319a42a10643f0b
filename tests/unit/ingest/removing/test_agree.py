"""Which vote orders a deletion (R18)."""

from typing import Any

from domain.calendar import Calendar
from domain.connection import SyncedEvents
from services.ingest.removing.agree import agreed
from tests.unit.domain.givens import CALENDAR, CALENDAR_URI, CAUSE, INGRID, SUBACCOUNT, TOMAS, at, selected_calendar


def orders(*calendars: Calendar) -> list[Any]:
    """Return the parameters of the statements that a decision orders deletions by."""
    statements = agreed(at(9), calendars, subaccount_id=SUBACCOUNT, reason="calendar_deselected")
    return [parameters for _, parameters in statements if parameters]


def left(calendar: Calendar, choice: SyncedEvents = "delete", *, user: Any = INGRID) -> Calendar:
    """Return the calendar after a user left it."""
    calendar.remove_selection(at(9), user_id=user, synced_events=choice)
    return calendar


def test_the_last_vote_orders_the_deletion() -> None:
    assert orders(left(selected_calendar(INGRID))) == [
        {
            "calendar_id": CALENDAR,
            "subaccount_id": SUBACCOUNT,
            "calendar_uri": CALENDAR_URI,
            "reason": "calendar_deselected",
            "cause_id": CAUSE,
            "trace": None,
            "agreed_at": at(9).at,
        }
    ]


def test_whoever_removes_is_told_once_for_all_orders() -> None:
    calendars = [left(selected_calendar(INGRID)), left(selected_calendar(TOMAS), user=TOMAS)]
    statements = agreed(at(9), calendars, subaccount_id=SUBACCOUNT, reason="calendar_deselected")
    assert [sql for sql, parameters in statements if not parameters] == ["SELECT pg_notify('removals', '')"]


def test_nothing_is_ordered_while_somebody_is_waited_for() -> None:
    assert orders(left(selected_calendar(INGRID, TOMAS))) == []


def test_keep_orders_nothing() -> None:
    assert orders(left(selected_calendar(INGRID), "keep")) == []


def test_an_agreement_that_this_decision_did_not_touch_is_not_ordered_again() -> None:
    calendar = left(selected_calendar(INGRID))
    calendar.collect_events()
    assert orders(calendar) == []
