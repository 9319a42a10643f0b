"""Deliveries that are held, reversed, doubled, dropped, repeated, retried and given up."""

import asyncio

from tests.integration.calendly_standin.receiver import Receiver, Studio


async def test_held_deliveries_leave_when_they_are_released(studio: Studio, receiver: Receiver) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/hook")
    await studio.admin.behave(hold=True)
    booked = await studio.admin.book(studio.calendar, count=5)
    assert [one["state"] for one in await studio.admin.deliveries()] == ["held"] * 5
    assert receiver.received == []
    # when
    assert await studio.admin.release() == 5
    # then
    assert [one.invitee for one in await receiver.until(5)] == [one.invitee for one in booked]


async def test_held_deliveries_can_arrive_in_reverse(studio: Studio, receiver: Receiver) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/hook")
    await studio.admin.behave(hold=True)
    booked = await studio.admin.book(studio.calendar, count=10)
    # when
    await studio.admin.release(order="newest first")
    # then
    assert [one.invitee for one in await receiver.until(10)] == [one.invitee for one in reversed(booked)]


async def test_deliveries_can_come_several_times(studio: Studio, receiver: Receiver) -> None:
    await studio.subscribe(f"{receiver.url}/hook")
    await studio.admin.behave(times=3)
    await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"))
    assert len({one.body for one in await receiver.until(3)}) == 1


async def test_dropped_deliveries_never_come(studio: Studio, receiver: Receiver) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/hook")
    await studio.admin.behave(drop_next=2)
    # when
    booked = await studio.admin.book(studio.calendar, count=3)
    # then
    assert [one.invitee for one in await receiver.until(1)] == [booked[2].invitee]
    assert [one["attempts"] for one in await studio.settled("dropped", 2)] == [0, 0]


async def test_a_silent_booking_can_be_read_and_is_not_told(studio: Studio, receiver: Receiver) -> None:
    await studio.subscribe(f"{receiver.url}/hook")
    [booked] = await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"), silently=True)
    assert (await studio.get(booked.invitee)).json()["resource"]["status"] == "active"
    assert await studio.admin.deliveries() == []


async def test_a_delivery_can_be_sent_again(studio: Studio, receiver: Receiver) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/hook")
    booked, _ = await studio.admin.book(studio.calendar, count=2)
    await receiver.until(2)
    # when
    assert await studio.admin.redeliver(booked.invitee, times=2) == 2
    # then
    again = (await receiver.until(4))[2:]
    assert [one.invitee for one in again] == [booked.invitee] * 2


async def test_a_delivery_is_retried_until_it_is_taken(studio: Studio, receiver: Receiver) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/hook")
    receiver.answers = [500, 401, 302]
    # when
    await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"))
    # then
    assert len({one.body for one in await receiver.until(4)}) == 1
    [sent] = await studio.settled("delivered", 1)
    assert (sent["attempts"], sent["answers"]) == (4, [500, 401, 302, 202])
    assert [one["retry_started_at"] for one in await studio.admin.subscriptions()] == [None]


async def test_trouble_shows_on_the_subscription(studio: Studio, receiver: Receiver) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/hook")
    await studio.admin.behave(first_wait=60)
    receiver.answers = [500]
    # when
    await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"))
    await studio.attempted()
    # then
    [shown] = await studio.admin.subscriptions()
    assert (shown["state"], shown["retry_started_at"] is None) == ("active", False)


async def test_a_hook_that_nothing_reaches_is_disabled(studio: Studio, receiver: Receiver) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/hook")
    await studio.admin.behave(give_up_after=0)
    receiver.answers = [503]
    # when
    await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"))
    # then
    [sent] = await studio.settled("given up", 1)
    assert sent["answers"] == [503]
    assert [one["state"] for one in await studio.admin.subscriptions()] == ["disabled"]
    # and nothing more is sent to it
    await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"))
    assert len(await studio.admin.deliveries()) == 1


async def test_a_retry_can_carry_the_first_attempts_time(studio: Studio, receiver: Receiver) -> None:
    await studio.subscribe(f"{receiver.url}/hook")
    await studio.admin.behave(same_stamp=True, first_wait=1.1)
    receiver.answers = [500]
    await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"))
    assert len({one.signature for one in await receiver.until(2)}) == 1


async def test_a_deleted_subscription_gets_nothing(studio: Studio, receiver: Receiver) -> None:
    made = (await studio.subscribe(f"{receiver.url}/hook")).json()["resource"]["uri"]
    headers = {"Authorization": f"Bearer {studio.owner.token}"}
    gone = await studio.http.delete(made.removeprefix("https://api.calendly.com"), headers=headers)
    assert (gone.status_code, gone.content) == (204, b"")
    await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"))
    assert await studio.admin.deliveries() == []


async def test_hundreds_arrive_and_none_is_lost(studio: Studio, receiver: Receiver) -> None:
    await studio.subscribe(f"{receiver.url}/hook")
    booked = await studio.admin.book(studio.calendar, count=500)
    assert {one.invitee for one in await receiver.until(500)} == {one.invitee for one in booked}


async def test_the_first_attempt_can_be_late(studio: Studio, receiver: Receiver) -> None:
    await studio.subscribe(f"{receiver.url}/hook")
    await studio.admin.behave(delay=0.3)
    await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"))
    assert [(one["state"], one["attempts"]) for one in await studio.admin.deliveries()] == [("sending", 0)]
    await receiver.until(1)


async def test_bookings_can_come_at_a_pace(studio: Studio, receiver: Receiver) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/hook")
    loop = asyncio.get_running_loop()
    began = loop.time()
    # when
    assert await studio.admin.book(studio.calendar, count=20, per_second=100) == []
    # then the last one is due after 19 hundredths of a second
    await receiver.until(20)
    assert loop.time() - began >= 0.19
