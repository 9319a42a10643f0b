"""Editing the selection of calendars (R3, R13, R14, R16): the whole edit succeeds or nothing changes."""

from collections.abc import Mapping
from uuid import UUID, uuid5

import pytest

from domain.calendar import Calendar
from domain.connection import CalendarLabel, CalendarSelected, Connection, SyncedEvents
from domain.recorded import Aggregate
from domain.refusals import CalendarUnknown, ChoiceMissing, ChoiceUnclear, NotConnected
from domain.selecting import edit_selection
from tests.unit.domain.givens import CALENDAR, CONNECTION, INGRID, SUBACCOUNT, TOMAS, at

E1, E2, E3 = (f"https://api.calendly.com/event_types/E{n}" for n in (1, 2, 3))
LABELS = {uri: CalendarLabel(uri=uri, name=f"Call {uri[-1]}", kind="personal") for uri in (E1, E2)}


class World:
    """Ingrid's connection, and the calendars of her subaccount."""

    def __init__(self) -> None:
        self.connection = Connection(CONNECTION)
        self.connection.connect(
            at(0),
            subaccount_id=SUBACCOUNT,
            user_id=INGRID,
            calendly_user_uri="https://c.example/users/U1",
            plan="teams",
        )
        self.calendars = {uri: Calendar(uuid5(CALENDAR, uri)) for uri in (E1, E2, E3)}
        self.events()

    def select(
        self, *selected: str, removed: Mapping[str, SyncedEvents] | None = None, minute: int = 1
    ) -> list[tuple[str, str]]:
        """Edit the selection; return what was recorded, as (event, last letters of the calendar's URI)."""
        edit_selection(
            at(minute),
            self.connection,
            self.calendars,
            selected=set(selected),
            removed=removed or {},
            labels=LABELS,
        )
        return self.events()

    def events(self) -> list[tuple[str, str]]:
        """Collect what was recorded."""
        return [
            (type(event).__name__, getattr(event, "calendar_uri", self._uri(event.originator_id))[-2:])
            for aggregate in self._aggregates()
            for event in aggregate.collect_events()
        ]

    def _aggregates(self) -> list[Aggregate]:
        return [self.connection, *self.calendars.values()]

    def _uri(self, aggregate_id: UUID) -> str:
        return next((uri for uri, one in self.calendars.items() if one.id == aggregate_id), "--")


@pytest.fixture
def world() -> World:
    return World()


def test_r13_selecting_a_calendar_is_told_by_the_connection_and_by_the_calendar(world: World) -> None:
    assert world.select(E1) == [("CalendarSelected", "E1"), ("SelectionAdded", "E1")]
    assert world.connection.selected == {E1: at(1).at}
    assert world.calendars[E1].selected_by == {INGRID: CONNECTION}


def test_the_same_selection_again_changes_nothing(world: World) -> None:
    world.select(E1, E2)
    assert world.select(E2, E1, minute=2) == []


def test_r14_leaving_a_calendar_ends_its_span_and_records_the_choice(world: World) -> None:
    # given
    world.select(E1, E2)
    # when
    recorded = world.select(E2, removed={E1: "delete"}, minute=5)
    # then
    assert recorded == [("CalendarDeselected", "E1"), ("SelectionRemoved", "E1")]
    assert world.calendars[E1].choices == {INGRID: "delete"}
    assert [world.calendars[E1].was_selected_at(at(minute).at) for minute in (0, 1, 4, 5)] == [False, True, True, False]


def test_selecting_again_says_so_even_when_another_user_was_the_first(world: World) -> None:
    # given that Tomas had the calendar selected and left it
    world.calendars[E1].add_selection(
        at(0), subaccount_id=SUBACCOUNT, user_id=TOMAS, connection_id=CONNECTION, label=LABELS[E1]
    )
    world.calendars[E1].remove_selection(at(1), user_id=TOMAS, synced_events="keep")
    # when Ingrid selects it and one that is new
    edit_selection(at(2), world.connection, world.calendars, selected={E1, E2}, removed={}, labels=LABELS)
    # then
    recorded = world.connection.collect_events()
    told = {event.calendar_uri: event.again for event in recorded if isinstance(event, CalendarSelected)}
    assert told == {E1: True, E2: False}


def test_r18_the_choice_for_a_calendar_that_was_left_can_be_changed(world: World) -> None:
    world.select(E1)
    world.select(removed={E1: "keep"}, minute=2)
    assert world.select(removed={E1: "delete"}, minute=3) == [("SelectionRemoved", "E1")]
    assert world.select(removed={E1: "delete"}, minute=4) == []
    assert world.calendars[E1].choices == {INGRID: "delete"}


def test_r16_a_calendar_that_leaves_without_a_choice_is_named(world: World) -> None:
    world.select(E1, E2)
    with pytest.raises(ChoiceMissing) as refused:
        world.select()
    assert refused.value.calendar_uris == (E1, E2)


def test_r16_a_calendar_that_is_selected_and_removed_at_once_is_named(world: World) -> None:
    world.select(E1)
    with pytest.raises(ChoiceUnclear) as refused:
        world.select(E1, removed={E1: "keep"})
    assert refused.value.calendar_uris == (E1,)


@pytest.mark.parametrize(
    ("selected", "removed"), [({E3}, {}), (set[str](), {E2: "keep"})], ids=["not the account's", "never selected"]
)
def test_r3_a_calendar_that_is_unknown_is_named(
    world: World, selected: set[str], removed: dict[str, SyncedEvents]
) -> None:
    with pytest.raises(CalendarUnknown) as refused:
        world.select(*selected, removed=removed)
    assert refused.value.calendar_uris == (*selected, *removed)


def test_a_selected_calendar_that_calendly_no_longer_lists_may_stay_selected(world: World) -> None:
    # given that E3 was selected while it was listed
    world.connection.select(at(1), calendar=CalendarLabel(uri=E3, name="Gone", kind="personal"), again=False)
    world.events()
    # when, then
    assert world.select(E3, E1) == [("CalendarSelected", "E1"), ("SelectionAdded", "E1")]


def test_an_edit_that_is_refused_changes_nothing(world: World) -> None:
    world.select(E1)
    for selected, removed in (((E2,), {}), ((E3,), {E1: "keep"})):
        with pytest.raises((ChoiceMissing, CalendarUnknown)):
            world.select(*selected, removed=removed, minute=2)
        assert world.events() == []
        assert world.connection.selected == {E1: at(1).at}


def test_after_disconnecting_nothing_can_be_selected(world: World) -> None:
    world.connection.disconnect(at(1))
    with pytest.raises(NotConnected):
        world.select(E1)


def test_moments_are_those_of_the_decision(world: World) -> None:
    world.select(E1, minute=7)
    assert world.calendars[E1].spans[0].since == at(7).at
