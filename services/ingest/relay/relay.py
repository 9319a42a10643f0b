"""The relay's loop: follow the log, publish, go on from what Kafka says; a failure is waited out, never skipped."""

import time
from collections.abc import Sequence

import structlog
from aiokafka.errors import KafkaError, ProducerFenced
from prometheus_client import CollectorRegistry, Counter, Gauge

from services.ingest.event_store import UNAVAILABLE, EventStore, LogEntry
from services.ingest.event_store.published import published
from services.ingest.leadership import StandDown
from services.ingest.notices import Notices
from services.ingest.relay.position import read_position
from services.ingest.relay.producer import TransactionalProducer
from services.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

BATCH = 2000
"""Events in one transaction."""
LOOK_EVERY = 1.0
"""Seconds after which the log is read without having been told: a notification can be lost."""
STUCK_AFTER = 30.0
"""Seconds without a look at the log after which the relay counts as stuck."""
STANDS_BY_AFTER = 5.0
"""Seconds after its start when a relay that was not asked to work counts as a standby."""
RENEW_EVERY = 3600.0
"""Seconds. An offset that is not renewed expires after a week."""


class Relay:
    """Publishes the log (R23). One relay works at a time; a second one fences the first off."""

    def __init__(
        self, *, store: EventStore, notices: Notices, bootstrap_servers: str, registry: CollectorRegistry
    ) -> None:
        self._store = store
        self._notices = notices
        self._bootstrap_servers = bootstrap_servers
        self._renewed = 0.0
        self._made_at = time.monotonic()
        self._works = False
        self._looked_at: float | None = None
        self._interruption: Exception | None = None
        self._position = Gauge("bookstream_relay_position", "Log position published", registry=registry)
        self._published = Counter("bookstream_relay_published", "Events published", registry=registry)

    async def advances(self) -> bool:
        """Tell whether the relay reads the log; one that was not asked to work for a while stands by, as it should.

        Raises what interrupted it, until it reads the log again.
        """
        if self._interruption is not None:
            raise self._interruption.with_traceback(None)
        if self._looked_at is not None:
            return time.monotonic() - self._looked_at < STUCK_AFTER
        return not self._works and time.monotonic() - self._made_at > STANDS_BY_AFTER

    async def run(self) -> None:
        """Relay for ever. Raises StandDown when another relay has taken over."""
        backoff, self._works = Backoff(), True
        while True:
            try:
                async with TransactionalProducer.open(self._bootstrap_servers) as producer:
                    await self._follow(producer, backoff)
            except ProducerFenced:
                raise StandDown("another relay has taken over") from None
            except (KafkaError, *UNAVAILABLE, OSError, TimeoutError) as error:
                # Whether a failed transaction was committed only Kafka knows: the position is read anew.
                log.warning("relay interrupted", error=type(error).__name__)
                self._interruption = error
            await backoff.wait()

    async def _follow(self, producer: TransactionalProducer, backoff: Backoff) -> None:
        position = await read_position(self._bootstrap_servers)
        await producer.publish((), position=position)
        self._renewed = time.monotonic()
        log.info("relay follows the log", position=position)
        self._position.set(position)
        while True:
            entries = await self._store.read(after=position, limit=BATCH)
            if entries:
                position = await self._publish(producer, entries)
                self._position.set(position)
            backoff.reset()
            self._looked_at, self._interruption = time.monotonic(), None
            # A batch that was not full took all that there was; what came since has told so.
            if len(entries) < BATCH:
                await self._notices.wait(at_most=LOOK_EVERY)
                await self._renew(producer, position)

    async def _publish(self, producer: TransactionalProducer, entries: Sequence[LogEntry]) -> int:
        records = [record for record in map(published, entries) if record is not None]
        position = entries[-1].position
        if records:
            await producer.publish(records, position=position)
            self._renewed = time.monotonic()
            self._published.inc(len(records))
        return position

    async def _renew(self, producer: TransactionalProducer, position: int) -> None:
        if time.monotonic() - self._renewed > RENEW_EVERY:
            await producer.publish((), position=position)
            self._renewed = time.monotonic()
