"""Editing the selection over HTTP (R3, R13, R14, R16, R18)."""

import asyncio
from uuid import uuid4

from tests.integration.ingest.connections.conftest import Studio


async def test_r13_selected_calendars_are_shown_since_when(studio: Studio) -> None:
    # given
    first, second = await studio.event_type("A call"), await studio.event_type("B call")
    connection = await studio.connected()
    # when
    answer = await studio.select(connection, first)
    # then
    assert answer.status_code == 200
    shown = {one["uri"]: one for one in answer.json()["calendars"]}
    assert [shown[uri]["selected"] for uri in (first, second)] == [True, False]
    assert shown[first]["selected_at"].endswith("Z")
    assert shown[second]["selected_at"] is None
    assert answer.json() == (await studio.call("GET", f"/{connection}")).json()


async def test_the_whole_selection_is_set_at_once(studio: Studio) -> None:
    # given
    first, second = await studio.event_type("A call"), await studio.event_type("B call")
    connection = await studio.connected()
    await studio.select(connection, first)
    # when
    await studio.select(connection, second, removed={first: "keep"})
    # then
    assert {uri: one["selected"] for uri, one in (await studio.calendars(connection)).items()} == {
        first: False,
        second: True,
    }
    assert await studio.recorded(connection) == [
        "CalendlyConnected",
        "CalendarSelected",
        "CalendarDeselected",
        "CalendarSelected",
    ]


async def test_r16_a_calendar_that_leaves_without_a_choice_is_named_and_nothing_changes(studio: Studio) -> None:
    # given
    first, second = await studio.event_type("A call"), await studio.event_type("B call")
    connection = await studio.connected()
    await studio.select(connection, first)
    before = await studio.recorded(connection)
    # when
    answer = await studio.select(connection, second)
    # then
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/choice-missing")
    assert answer.json()["detail"] == (
        "Choose what becomes of the synced events of each calendar that leaves the selection: put it in 'removed' "
        f"with 'keep' or 'delete'. Missing: {first}"
    )
    assert await studio.recorded(connection) == before


async def test_r16_any_other_choice_than_keep_or_delete_is_refused(studio: Studio) -> None:
    first = await studio.event_type("A call")
    connection = await studio.connected()
    await studio.select(connection, first)
    answer = await studio.select(connection, removed={first: "perhaps"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")


async def test_r16_a_calendar_that_is_selected_and_removed_at_once_is_refused(studio: Studio) -> None:
    first = await studio.event_type("A call")
    connection = await studio.connected()
    await studio.select(connection, first)
    answer = await studio.select(connection, first, removed={first: "keep"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/choice-unclear")


async def test_a_calendar_that_is_not_the_accounts_is_refused(studio: Studio) -> None:
    connection = await studio.connected()
    foreign = "https://api.calendly.com/event_types/somebody-elses"
    answer = await studio.select(connection, foreign)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/calendar-unknown")
    assert answer.json()["detail"] == (
        "These calendars are not among those of the connected account; list its calendars and select from them: "
        f"{foreign}"
    )


async def test_an_inactive_calendar_cannot_be_selected(studio: Studio) -> None:
    first = await studio.event_type("A call")
    await studio.admin.change("event_types", uri=first, active=False)
    connection = await studio.connected()
    answer = await studio.select(connection, first)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/calendar-unknown")


async def test_a_calendar_made_after_connecting_can_be_selected_at_once(studio: Studio) -> None:
    connection = await studio.connected()
    assert await studio.calendars(connection) == {}
    new = await studio.event_type("New call")
    assert (await studio.select(connection, new)).status_code == 200


async def test_while_calendly_cannot_be_asked_an_unknown_calendar_is_no_mistake_of_the_caller(studio: Studio) -> None:
    connection = await studio.connected()
    new = await studio.event_type("New call")
    await studio.admin.order("limits", per_minute=1)
    try:
        await studio.select(connection, new)
        another = await studio.event_type("Another call")
        answer = await studio.select(connection, new, another)
    finally:
        await studio.admin.order("limits", per_minute=None)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/calendly-unavailable")


async def test_a_selected_calendar_that_is_gone_at_calendly_stays_until_it_is_deselected(studio: Studio) -> None:
    # given
    first = await studio.event_type("A call")
    connection = await studio.connected()
    await studio.select(connection, first)
    # when it is gone there, and the list is read anew
    await studio.admin.change("event_types", uri=first, active=False)
    second = await studio.event_type("B call")
    answer = await studio.select(connection, first, second)
    # then
    assert answer.status_code == 200
    assert {uri: one["selected"] for uri, one in (await studio.calendars(connection)).items()} == {
        first: True,
        second: True,
    }
    assert (await studio.select(connection, second, removed={first: "keep"})).status_code == 200


async def test_r18_a_delete_that_waits_for_another_user_says_for_whom(studio: Studio) -> None:
    # given a shared calendar that two users have selected
    tomas, tomas_id = await studio.admin.user(studio.organization, "Tomas Berg"), uuid4()
    shared = await studio.event_type("Team call", owner=None, hosts=[studio.account, tomas], pooling_type="round_robin")
    mine = await studio.connected()
    his = await studio.connected(account=tomas, user_id=tomas_id)
    for connection in (mine, his):
        await studio.select(connection, shared)
    # when one leaves with delete
    await studio.select(mine, removed={shared: "delete"})
    # then
    assert (await studio.calendars(mine))[shared]["removal"] == {"waiting_for": [str(tomas_id)]}
    assert (await studio.calendars(his))[shared]["removal"] is None
    # when the other does so too
    await studio.select(his, removed={shared: "delete"})
    # then nobody is waited for
    assert (await studio.calendars(mine))[shared]["removal"] is None


async def test_two_users_who_select_a_shared_calendar_at_the_same_moment_both_have_it(studio: Studio) -> None:
    # given
    tomas = await studio.admin.user(studio.organization, "Tomas Berg")
    shared = await studio.event_type("Team call", owner=None, hosts=[studio.account, tomas], pooling_type="round_robin")
    connections = [await studio.connected(), await studio.connected(account=tomas, user_id=uuid4())]
    # when
    answers = await asyncio.gather(*(studio.select(one, shared) for one in connections))
    # then
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [(await studio.calendars(one))[shared]["selected"] for one in connections] == [True, True]


async def test_edits_of_one_connection_at_the_same_moment_follow_each_other(studio: Studio) -> None:
    # given
    uris = [await studio.event_type(f"Call {number}") for number in range(4)]
    connection = await studio.connected()
    # when each edit selects one calendar more
    answers = await asyncio.gather(*(studio.select(connection, *uris[:count]) for count in (1, 2, 3, 4)))
    # then each either succeeded whole or said which choice it lacks
    assert {answer.status_code for answer in answers} <= {200, 422}
    selected = {uri for uri, one in (await studio.calendars(connection)).items() if one["selected"]}
    assert selected == set(uris)
    assert sorted(await studio.recorded(connection)) == ["CalendarSelected"] * 4 + ["CalendlyConnected"]
