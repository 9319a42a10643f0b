"""Topics stand on Kafka as the contracts declare them."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError
from bookstream_contracts import TOPICS, Topic

from devstack.processes import free_port
from services.runtime.topics import create_topics


def of_this_test() -> list[Topic]:
    """The declared topics under names that no other test uses."""
    own = uuid.uuid4().hex
    return [topic.model_copy(update={"name": f"{own}.{topic.name}"}) for topic in TOPICS]


@pytest.fixture
async def admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    yield client
    await client.close()


async def settings_of(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {entry[0]: entry[1] for entry in answers[0].resources[0][4]}


async def test_missing_topics_are_created_as_declared_and_once(kafka: str, admin: AIOKafkaAdminClient) -> None:
    topics = of_this_test()
    assert await create_topics(kafka, topics) == [topic.name for topic in topics]
    assert await create_topics(kafka, topics) == []
    described = await admin.describe_topics([topic.name for topic in topics])
    partitions = {one["topic"]: len(one["partitions"]) for one in described}
    assert partitions == {topic.name: topic.partitions for topic in topics}
    for topic in topics:
        found = await settings_of(admin, topic.name)
        assert {name: found[name] for name in topic.settings} == topic.settings


async def test_only_what_is_missing_is_created(kafka: str) -> None:
    first, *others = of_this_test()
    await create_topics(kafka, [first])
    assert await create_topics(kafka, [first, *others]) == [topic.name for topic in others]


async def test_runs_at_once_create_each_topic_once(kafka: str) -> None:
    topics = of_this_test()
    created = await asyncio.gather(*(create_topics(kafka, topics) for _ in range(3)))
    assert sorted(name for names in created for name in names) == sorted(topic.name for topic in topics)


async def test_a_kafka_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(KafkaConnectionError):
        await create_topics(f"127.0.0.1:{free_port()}")
