"""Topics on Kafka as the contracts declare them."""

from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code
from bookstream_contracts import TOPICS, Topic

MOST_REPLICAS = 3


async def create_topics(bootstrap_servers: str, topics: Sequence[Topic] = TOPICS) -> list[str]:
    """Create those of the topics that are missing; return their names. Raises aiokafka.errors.KafkaError."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        there = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in there]
        if not missing:
            return []
        replicas = min(MOST_REPLICAS, len((await admin.describe_cluster())["brokers"]))
        answer: Any = await admin.create_topics([_declared(topic, replicas) for topic in missing])
        return _created(answer.topic_errors)
    finally:
        await admin.close()


async def partitions_of(admin: AIOKafkaAdminClient, *topics: str) -> list[TopicPartition]:
    """Return the partitions of topics; a topic that is not there has none."""
    described: list[dict[str, Any]] = await admin.describe_topics(list(topics))
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        for partition in sorted(topic["partitions"], key=lambda one: one["partition"])
    ]


def _declared(topic: Topic, replicas: int) -> NewTopic:
    return NewTopic(topic.name, topic.partitions, replicas, topic_configs=topic.settings)


def _created(errors: list[tuple[str, int, str | None]]) -> list[str]:
    created: list[str] = []
    for name, code, detail in errors:
        error = for_code(code)
        if code == 0:
            created.append(name)
        elif error is not TopicAlreadyExistsError:  # another run was first
            raise error(f"{name}: {detail}")
    return created
