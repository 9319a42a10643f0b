"""A plan that lapsed stops the sync (R22)."""

from uuid import UUID

from domain.booking import Booking
from domain.import_booking import Concerned, Outcome, import_booking
from tests.unit.domain.givens import INGRID, SUBACCOUNT, at, booked, selected_calendar


def test_r22_what_a_connection_with_a_lapsed_plan_delivers_is_left_out() -> None:
    # given
    booking = Booking(UUID("00000000-0000-4000-8000-0000000000b1"))
    concerned = Concerned(calendar=selected_calendar(INGRID), booking=booking, contact=None)
    # when
    outcome = import_booking(
        at(60),
        booked(5),
        concerned,
        subaccount_id=SUBACCOUNT,
        delivered_to=INGRID,
        via="webhook",
        draw=max,
        plan_accepted=False,
    )
    # then
    assert outcome == Outcome(kind="left_out", rule="R22")
    assert list(booking.collect_events()) == []
