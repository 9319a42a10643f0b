"""Connecting and disconnecting an account (R16, R17, R20, R21), and its plan (R22)."""

from uuid import UUID, uuid5

import pytest

from domain.account_link import AccountLink
from domain.calendar import Calendar
from domain.connecting import Places, connect_account, disconnect_account
from domain.connection import CalendarLabel, Connection, SyncedEvents
from domain.plan import check_plan
from domain.refusals import AccountTaken, NotConnected, PlanRefused, UserHasAccount
from domain.selecting import edit_selection
from tests.unit.domain.givens import CALENDAR, CONNECTION, INGRID, SUBACCOUNT, at

SLOT = UUID("00000000-0000-4000-8000-0000000000f1")
ACCOUNT = UUID("00000000-0000-4000-8000-0000000000f2")
OTHER = UUID("00000000-0000-4000-8000-0000000000c2")
USER_URI = "https://api.calendly.com/users/U1"
E1, E2 = "https://api.calendly.com/event_types/E1", "https://api.calendly.com/event_types/E2"
LABELS = {uri: CalendarLabel(uri=uri, name="Call", kind="personal") for uri in (E1, E2)}


class World:
    """Two places, a connection that may take them, and two calendars."""

    def __init__(self) -> None:
        self.places = Places(slot=AccountLink(SLOT), account=AccountLink(ACCOUNT))
        self.connection = Connection(CONNECTION)
        self.calendars = {uri: Calendar(uuid5(CALENDAR, uri)) for uri in (E1, E2)}

    def connect(self, connection_id: UUID = CONNECTION) -> None:
        connection = Connection(connection_id)
        connect_account(
            at(0),
            connection,
            self.places,
            subaccount_id=SUBACCOUNT,
            user_id=INGRID,
            calendly_user_uri=USER_URI,
            plan="teams",
        )
        self.connection = connection

    def select(self, *uris: str, removed: dict[str, SyncedEvents] | None = None) -> None:
        edit_selection(at(1), self.connection, self.calendars, selected=set(uris), removed=removed or {}, labels=LABELS)

    def disconnect(self, synced_events: SyncedEvents) -> list[str]:
        """Disconnect; return what the connection recorded."""
        self.connection.collect_events()
        disconnect_account(at(2), self.connection, self.places, self.calendars, synced_events=synced_events)
        return [type(event).__name__ for event in self.connection.collect_events()]

    @property
    def held_by(self) -> tuple[UUID | None, UUID | None]:
        return self.places.slot.held_by, self.places.account.held_by

    @property
    def choices(self) -> dict[str, SyncedEvents | None]:
        return {uri: calendar.choices.get(INGRID) for uri, calendar in self.calendars.items()}


@pytest.fixture
def world() -> World:
    return World()


def test_connecting_takes_both_places(world: World) -> None:
    world.connect()
    assert world.held_by == (CONNECTION, CONNECTION)
    assert world.connection.active


def test_r20_a_user_with_an_account_is_refused(world: World) -> None:
    world.places.slot.link(at(0), connection_id=OTHER)
    with pytest.raises(UserHasAccount):
        world.connect()
    assert world.held_by == (OTHER, None)


def test_r21_an_account_that_is_linked_elsewhere_is_refused(world: World) -> None:
    world.places.account.link(at(0), connection_id=OTHER)
    with pytest.raises(AccountTaken):
        world.connect()
    assert world.held_by == (None, OTHER)


@pytest.mark.parametrize("choice", ["keep", "delete"])
def test_r16_disconnecting_leaves_every_calendar_with_the_choice(world: World, choice: SyncedEvents) -> None:
    # given
    world.connect()
    world.select(E1, E2)
    # when
    recorded = world.disconnect(choice)
    # then
    assert recorded == ["CalendarDeselected", "CalendarDeselected", "CalendlyDisconnected"]
    assert world.choices == {E1: choice, E2: choice}
    assert [calendar.selected for calendar in world.calendars.values()] == [False, False]


def test_r17_disconnecting_with_delete_is_that_choice_for_calendars_left_with_keep_too(world: World) -> None:
    world.connect()
    world.select(E1, E2)
    world.select(E2, removed={E1: "keep"})
    assert world.disconnect("delete") == ["CalendarDeselected", "CalendlyDisconnected"]
    assert world.choices == {E1: "delete", E2: "delete"}


def test_disconnecting_with_keep_leaves_an_earlier_delete_as_it_is(world: World) -> None:
    world.connect()
    world.select(E1, E2)
    world.select(E2, removed={E1: "delete"})
    world.disconnect("keep")
    assert world.choices == {E1: "delete", E2: "keep"}


def test_disconnecting_frees_the_user_and_the_account(world: World) -> None:
    world.connect()
    world.disconnect("keep")
    assert world.held_by == (None, None)
    assert not world.connection.active
    # and a new connection may be made
    world.connect(OTHER)
    assert world.held_by == (OTHER, OTHER)


def test_disconnecting_frees_no_place_that_another_connection_took(world: World) -> None:
    # given
    world.connect()
    for place in (world.places.slot, world.places.account):
        place.unlink(at(1), connection_id=CONNECTION)
        place.link(at(1), connection_id=OTHER)
    # when
    world.disconnect("keep")
    # then
    assert world.held_by == (OTHER, OTHER)


def test_disconnecting_twice_is_refused(world: World) -> None:
    world.connect()
    world.disconnect("keep")
    with pytest.raises(NotConnected):
        world.disconnect("keep")


@pytest.mark.parametrize("plan", ["professional", "standard", "teams", "enterprise"])
def test_r22_plans_that_are_accepted(plan: str) -> None:
    check_plan(plan)


@pytest.mark.parametrize("plan", ["basic", "essentials", "free", "Teams", "a_new_plan", ""])
def test_r22_any_other_plan_is_refused_and_named(plan: str) -> None:
    with pytest.raises(PlanRefused) as refused:
        check_plan(plan)
    assert refused.value.plan == plan
