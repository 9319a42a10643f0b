"""Any order and doubling of deliveries ends in the same appointments, with the same owners (R4, R10, R12)."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.support.rules_model import Made
from tests.unit.domain.machine.defects import Plant, the_contact_follows_the_last_arrival, the_owner_is_drawn_again
from tests.unit.domain.machine.stage import drawing
from tests.unit.domain.machine.world import CALENDARS, DEMO, INTRO, World, told

SELECTED = datetime(2026, 11, 24, 9, tzinfo=UTC)
ARRIVED = SELECTED + timedelta(days=1)
HOSTS = {INTRO: ("ingrid",), DEMO: ("ingrid", "tomas")}
"""Who is told of a calendar's bookings."""

bookings = st.lists(
    st.tuples(st.sampled_from([INTRO, DEMO]), st.sampled_from(["ada", "strauss", None]), st.integers(0, 60)),
    min_size=1,
    max_size=4,
)
"""Calendar, person, and how many minutes after the selection it was made."""

Deliveries = list[tuple[Made, str]]


def deliveries_of(booked: list[tuple[str, str | None, int]]) -> Deliveries:
    """Return every delivery of these bookings once."""
    made = [
        Made(number=number, calendar=calendar, person=person, at=SELECTED + timedelta(minutes=late), starts=ARRIVED)
        for number, (calendar, person, late) in enumerate(booked, start=1)
    ]
    return [(one, user) for one in made for user in HOSTS[one.calendar]]


def state_after(deliveries: Deliveries) -> dict[str, object]:
    """Return each booking's appointments and owners, and whose each contact is; every attempt to draw draws another."""
    world, attempts = World(), Counter[int]()
    for user, account in (("ingrid", "ahlen"), ("tomas", "berg")):
        world.connect(SELECTED, user, account)
        world.edit(SELECTED, user, selected=set(CALENDARS[account]), removed={})
    for made, to in deliveries:
        draw = drawing(made.number + attempts[made.number])
        world.deliver(ARRIVED, told(made), to=world.connections[to], draw=draw)
        attempts[made.number] += 1
    return {str(made.number): owners_of(world, made.number) for made, _ in deliveries} | contacts_of(world)


def owners_of(world: World, number: int) -> list[tuple[UUID, UUID | None, bool]]:
    """Return a booking's appointments."""
    return [(one.id, one.owner_user_id, one.deleted) for one in world.chain(number)]


def contacts_of(world: World) -> dict[str, object]:
    """Return what of the contacts depends on no order; the name is that of the first to come (R9)."""
    states = {person: world.contact(person).state for person in ("ada", "strauss")}
    return {person: it and (it.assigned_user_id, it.latest_appointment_id) for person, it in states.items()}


def any_order_gives_the_same(booked: list[tuple[str, str | None, int]], data: st.DataObject) -> None:
    # Given deliveries, each once and in the order of booking
    once = deliveries_of(booked)
    # When each comes at least once, some of them twice, in any order
    doubled = data.draw(st.lists(st.sampled_from(once)))
    disturbed = data.draw(st.permutations([*once, *doubled]))
    # Then everything is as without that
    assert state_after(disturbed) == state_after(once)


for_any = given(booked=bookings, data=st.data())
SETTINGS = settings(max_examples=200, deadline=None, derandomize=True, database=None)


def test_r4_r10_r12_any_order_and_doubling_of_deliveries_ends_in_the_same_state() -> None:
    SETTINGS(for_any(any_order_gives_the_same))()


@pytest.mark.parametrize("plant", [the_owner_is_drawn_again, the_contact_follows_the_last_arrival])
def test_a_state_that_depends_on_the_order_is_seen(monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    plant(monkeypatch)
    without_shrinking = settings(SETTINGS, phases=[Phase.generate])
    with pytest.raises(AssertionError):
        without_shrinking(for_any(any_order_gives_the_same))()
