"""Editing the selection of calendars (R3, R13, R14, R16)."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from domain.calendar import Calendar
from domain.connection import CalendarLabel, Connection, SyncedEvents
from domain.recorded import Context
from domain.refusals import CalendarUnknown, ChoiceMissing, ChoiceUnclear, NotConnected


def edit_selection(
    context: Context,
    connection: Connection,
    calendars: Mapping[str, Calendar],
    *,
    selected: AbstractSet[str],
    removed: Mapping[str, SyncedEvents],
    labels: Mapping[str, CalendarLabel],
) -> None:
    """Make `selected` the whole selection; all of it succeeds or nothing changes.

    `removed` has the choice of R16 for each calendar that leaves; for one that left before it changes the choice
    (R18: the latest counts). `labels` are the account's calendars, `calendars` those that are named or were selected,
    both by URI. Raises NotConnected, CalendarUnknown, ChoiceMissing or ChoiceUnclear.
    """
    if not connection.active:
        raise NotConnected
    leaving = set(connection.selected) - selected
    joining = selected - set(connection.selected)
    _check(connection, leaving=leaving, joining=joining, selected=selected, removed=removed, labels=labels)
    for uri in sorted(leaving):
        connection.deselect(context, calendar_uri=uri, synced_events=removed[uri], reason="deselected")
        _leave(context, connection, calendars[uri], removed[uri])
    for uri in sorted(set(removed) - leaving):
        if calendars[uri].choices.get(connection.facts.user_id) != removed[uri]:
            _leave(context, connection, calendars[uri], removed[uri])
    for uri in sorted(joining):
        _join(context, connection, calendars[uri], labels[uri])


def _check(
    connection: Connection,
    *,
    leaving: AbstractSet[str],
    joining: AbstractSet[str],
    selected: AbstractSet[str],
    removed: Mapping[str, SyncedEvents],
    labels: Mapping[str, CalendarLabel],
) -> None:
    unknown = {uri for uri in joining if uri not in labels} | (set(removed) - connection.ever_selected)
    if unknown:
        raise CalendarUnknown(sorted(unknown))
    both = set(removed) & selected
    if both:
        raise ChoiceUnclear(sorted(both))
    missing = leaving - set(removed)
    if missing:
        raise ChoiceMissing(sorted(missing))


def _leave(context: Context, connection: Connection, calendar: Calendar, choice: SyncedEvents) -> None:
    calendar.remove_selection(context, user_id=connection.facts.user_id, synced_events=choice)


def _join(context: Context, connection: Connection, calendar: Calendar, label: CalendarLabel) -> None:
    facts = connection.facts
    connection.select(context, calendar=label, again=bool(calendar.spans))
    calendar.add_selection(
        context, subaccount_id=facts.subaccount_id, user_id=facts.user_id, connection_id=connection.id, label=label
    )
