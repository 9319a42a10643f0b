"""Greet whoever booked, and skip what was restored: `faststream run examples.greet_with_faststream:app`."""

import os

from bookstream_contracts import BookingImportedV1, Seen, decode
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

broker = KafkaBroker(os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))
app = FastStream(broker)
seen = Seen()


@broker.subscriber(
    "crm.calendly.bookings.v1",
    group_id="greeter",
    auto_offset_reset="earliest",
    isolation_level="read_committed",
    ack_policy=AckPolicy.NACK_ON_ERROR,
)
async def greet(message: KafkaMessage) -> None:
    record = message.raw_message
    received = decode(headers=record.headers, key=record.key, value=record.value)
    if received is None or not seen.is_new(received):
        return
    if isinstance(received.event, BookingImportedV1) and received.event.via != "reconnect":
        print(f"Hello, contact {received.event.contact_id}: see you at {received.event.starts_at}", flush=True)
