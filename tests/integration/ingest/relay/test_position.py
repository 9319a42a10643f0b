"""Where the relay goes on: from its offset, else from the newest record on the topics, never from zero (R23)."""

import pytest
from aiokafka.errors import ProducerFenced
from bookstream_contracts import topic_of
from bookstream_contracts.testkit import example, record

from services.ingest.event_store.published import Published
from services.ingest.relay import position as relay_position
from services.ingest.relay.position import read_position
from services.ingest.relay.producer import TransactionalProducer
from services.runtime.topics import create_topics
from tests.support.scene import until


@pytest.fixture
async def kafka_with_topics(empty_kafka: str) -> str:
    await create_topics(empty_kafka)
    return empty_kafka


def published(position: int) -> Published:
    """Return a record of an event at a log position."""
    made = record(example("BookingImported.v1"), position=position)
    topic = topic_of("bookstream.BookingImported.v1").name
    return Published(topic=topic, key=made.key, value=made.value or b"", headers=made.headers)


async def is_read(servers: str, position: int) -> None:
    """Wait until a position is read: a commit is answered before its markers are written."""

    async def found() -> bool:
        return await read_position(servers) == position

    await until(found, f"position {position} was read")


async def test_positions_are_kept_in_the_transaction_or_found_at_the_tails(
    kafka_with_topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given topics without a record
    assert await read_position(kafka_with_topics) == 0
    async with TransactionalProducer.open(kafka_with_topics) as first:
        # When records are published up to 17, with their position
        await first.publish([published(16), published(17)], position=17)
        await is_read(kafka_with_topics, 17)
        # And the position moves on over events that are not published
        await first.publish((), position=20)
        await is_read(kafka_with_topics, 20)
        # Then a group whose offset is gone finds the newest record
        monkeypatch.setattr(relay_position, "GROUP", "bookstream-relay-that-expired")
        assert await read_position(kafka_with_topics) == 17
        monkeypatch.undo()
        # And a second relay fences the first one off, whose next transaction changes nothing
        async with TransactionalProducer.open(kafka_with_topics) as second:
            with pytest.raises(ProducerFenced):
                await first.publish([published(21)], position=21)
            await second.publish([published(21)], position=21)
        await is_read(kafka_with_topics, 21)
