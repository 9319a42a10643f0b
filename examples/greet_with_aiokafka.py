"""The same with nothing but aiokafka: `python examples/greet_with_aiokafka.py`."""

import asyncio
import os

from aiokafka import AIOKafkaConsumer
from bookstream_contracts import BookingImportedV1, Seen, decode


async def main() -> None:
    consumer = AIOKafkaConsumer(
        "crm.calendly.bookings.v1",
        bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        group_id="greeter-aiokafka",
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        enable_auto_commit=False,
    )
    seen = Seen()
    async with consumer:
        async for record in consumer:
            received = decode(headers=record.headers, key=record.key, value=record.value)
            event = received.event if received and seen.is_new(received) else None
            if isinstance(event, BookingImportedV1) and event.via != "reconnect":
                print(f"Hello, contact {event.contact_id}: see you at {event.starts_at}", flush=True)
            await consumer.commit()


asyncio.run(main())
