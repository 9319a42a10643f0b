"""Kafka as if Bookstream had never been there: the topics have fixed names, and tests share one broker."""

import asyncio
import os
import time

import pytest
from aiokafka.admin import AIOKafkaAdminClient

OURS = "crm.calendly."
WITHIN = 20.0
"""Seconds that a deletion may take."""


async def clean_kafka(bootstrap_servers: str) -> None:
    """Delete Bookstream's topics and wait until they are gone; with them go the offsets that groups have on them.

    On a Kafka that somebody named in the environment nothing is deleted that was there before the tests.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        topics = await _ours(admin)
        if topics:
            await admin.delete_topics(topics)
        deadline = time.monotonic() + WITHIN
        while await _ours(admin):
            assert time.monotonic() < deadline, "topics were not deleted in time"
            await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def refuse_foreign_topics(bootstrap_servers: str) -> None:
    """End the test run where a Kafka named in the environment holds Bookstream's topics: tests delete them."""
    if not os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        if await _ours(admin):
            pytest.exit("The Kafka that KAFKA_BOOTSTRAP_SERVERS names holds Bookstream's topics, and the tests would "
                        "delete them. Name a Kafka for tests, or none.", returncode=1)  # fmt: skip
    finally:
        await admin.close()


async def _ours(admin: AIOKafkaAdminClient) -> list[str]:
    return [name for name in await admin.list_topics() if name.startswith(OURS)]
