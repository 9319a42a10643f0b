"""Deleting by agreement (R18): who agreed, and who is waited for."""

from uuid import UUID

import pytest

from domain.calendar import Calendar
from domain.connection import SyncedEvents
from domain.removal import delete_is_agreed, waited_for
from tests.unit.domain.givens import INGRID, TOMAS, at, selected_calendar


def left(calendar: Calendar, user: UUID, choice: SyncedEvents) -> Calendar:
    """Return the calendar after a user left it with a choice."""
    calendar.remove_selection(at(1), user_id=user, synced_events=choice)
    return calendar


def both(ingrid: SyncedEvents | None, tomas: SyncedEvents | None) -> Calendar:
    """Return a calendar that both selected and left with these choices; None has it selected still."""
    calendar = selected_calendar(INGRID, TOMAS, kind="shared")
    for user, choice in ((INGRID, ingrid), (TOMAS, tomas)):
        if choice is not None:
            left(calendar, user, choice)
    return calendar


@pytest.mark.parametrize(
    ("ingrid", "tomas", "agreed", "waits_for"),
    [
        ("delete", "delete", True, None),
        ("delete", "keep", False, [TOMAS]),
        ("delete", None, False, [TOMAS]),
        ("keep", "delete", False, None),
        ("keep", None, False, None),
        (None, None, False, None),
    ],
)
def test_r18_all_must_have_left_with_delete(
    ingrid: SyncedEvents | None, tomas: SyncedEvents | None, waits_for: list[UUID] | None, *, agreed: bool
) -> None:
    calendar = both(ingrid, tomas)
    assert delete_is_agreed(calendar) is agreed
    assert waited_for(calendar, INGRID) == waits_for


def test_selecting_again_voids_the_choice() -> None:
    # given
    calendar = both("delete", "delete")
    # when
    assert calendar.label is not None
    calendar.add_selection(at(2), subaccount_id=INGRID, user_id=TOMAS, connection_id=INGRID, label=calendar.label)
    # then
    assert not delete_is_agreed(calendar)
    assert waited_for(calendar, INGRID) == [TOMAS]


def test_a_user_who_never_selected_it_has_no_say() -> None:
    assert delete_is_agreed(left(selected_calendar(INGRID), INGRID, "delete"))


def test_nobody_agreed_on_a_calendar_that_nobody_selected() -> None:
    assert not delete_is_agreed(selected_calendar())
