"""Who owns an appointment: on a shared calendar a draw among those who have it selected (R12)."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import Calendar
from domain.connection import CalendarLabel
from domain.ownership import assign_owner
from tests.unit.domain.givens import CALENDAR, CALENDAR_URI, CONNECTION, INGRID, SUBACCOUNT, at


def selected_by(*users: UUID) -> Calendar:
    """Return a shared calendar that users have selected."""
    calendar = Calendar(CALENDAR)
    for user in users:
        calendar.add_selection(
            at(0),
            subaccount_id=SUBACCOUNT,
            user_id=user,
            connection_id=CONNECTION,
            label=CalendarLabel(uri=CALENDAR_URI, name="Product demo", kind="shared"),
        )
    return calendar


@given(users=st.sets(st.uuids(), min_size=1, max_size=6), drawn=st.integers(0, 5))
def test_r12_the_owner_is_whoever_is_drawn_and_the_candidates_are_recorded(users: set[UUID], drawn: int) -> None:
    # Given a shared calendar that some users have selected
    calendar = selected_by(*users)
    # When the draw picks one of them
    owner = assign_owner(calendar, delivered_to=INGRID, draw=lambda among: among[drawn % len(among)])
    # Then that one owns it, whoever's subscription delivered it, and a replay can see among whom
    assert owner.candidates == tuple(sorted(users))
    assert owner.user_id == sorted(users)[drawn % len(users)]
    assert owner.rule == "random_connected_user"


def test_r12_who_has_left_the_calendar_is_not_drawn() -> None:
    # Given two users, one of whom has left
    gone, stays = UUID(int=1), UUID(int=2)
    calendar = selected_by(gone, stays)
    calendar.remove_selection(at(1), user_id=gone, synced_events="keep")
    # Then only the other can be drawn
    assert assign_owner(calendar, delivered_to=gone, draw=lambda among: among[0]).candidates == (stays,)
