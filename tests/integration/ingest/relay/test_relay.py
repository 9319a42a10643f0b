"""Each event stands on its topic exactly once and in order, whenever a relay ends and however many there are (R23)."""

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from services.ingest.leadership import StandDown
from services.ingest.relay import position, producer
from tests.integration.ingest.relay.conftest import Stage, ended


class Held:
    """A commit of a transaction with records that stands still: before Kafka is asked, or when it has answered."""

    def __init__(self, *, after: bool) -> None:
        self.reached = asyncio.Event()
        self._after = after
        self._original = AIOKafkaProducer.commit_transaction

    def put(self, monkeypatch: pytest.MonkeyPatch, *, passing: int) -> None:
        """Stand still once, after so many commits that pass."""
        commits = iter(range(passing + 1))

        async def commit(of: Any) -> None:
            held = next(commits, None) == passing
            if not held or self._after:
                await self._original(of)
            if held:
                self.reached.set()
                await asyncio.Event().wait()

        monkeypatch.setattr(AIOKafkaProducer, "commit_transaction", commit)


async def test_r23_each_event_stands_on_its_topic_once_and_per_key_in_order(stage: Stage) -> None:
    # Given events that were there before the relay, and others that come while it works
    await stage.booked(30)
    async with stage.relaying():
        await stage.caught_up()
        await stage.booked(30)
        # When it has caught up
        await stage.caught_up()
    # Then exactly these stand on the topics
    stored = await stage.stored()
    assert {topic for topic, _ in stored} == {
        "crm.calendly.bookings.v1",
        "crm.calendly.contacts.v1",
        "crm.calendly.calendars.v1",
    }
    assert await stage.on_topics() == stored


@pytest.mark.parametrize("after", [False, True])
async def test_r23_a_relay_cancelled_in_the_middle_of_a_transaction_is_followed_exactly(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    # Given a relay whose records are on the topics, and whose commit stands still
    await stage.booked(20)
    held = Held(after=after)
    held.put(monkeypatch, passing=1)
    async with stage.relaying() as task:
        async with asyncio.timeout(30):
            await held.reached.wait()
        # When it is cancelled there, and another one starts
        await ended(task)
    sent = await stage.on_topics(isolation_level="read_uncommitted")
    assert {key: sorted(set(places)) for key, places in sent.items()} == await stage.stored()
    async with stage.relaying():
        await stage.booked(5)
        await stage.caught_up()
    # Then who reads what is committed sees each event once
    assert await stage.on_topics() == await stage.stored()


async def test_r23_of_two_relays_the_older_one_is_fenced_off_and_stands_down(stage: Stage) -> None:
    # Given a relay that has published
    await stage.booked(5)
    async with stage.relaying() as older:
        await stage.caught_up()
        # When a second one starts, and events come
        async with stage.relaying():
            await stage.caught_up()
            await stage.booked(10)
            # Then the first one stands down, and the second one publishes each once
            with pytest.raises(StandDown, match="another relay has taken over"):
                await asyncio.wait_for(asyncio.shield(older), 40)
            await stage.caught_up()
            await stage.booked(10)
            await stage.caught_up()
    assert await stage.on_topics() == await stage.stored()


async def test_r23_a_relay_whose_offset_expired_goes_on_behind_the_newest_record(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a relay that has published, and whose group Kafka has forgotten since
    await stage.booked(10)
    async with stage.relaying():
        await stage.caught_up()
    for module in (position, producer):
        monkeypatch.setattr(module, "GROUP", "bookstream-relay-after-a-week")
    # When it starts again, and more events come
    async with stage.relaying():
        await stage.booked(10)
        await stage.caught_up()
    # Then nothing was published a second time, and nothing left out
    assert await stage.on_topics() == await stage.stored()
