"""Publishes dead letters after the commit that set them aside: the table is the outbox (DESIGN 3, 6.5)."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from services.projector.applying.faults import TRANSIENT
from services.projector.dead_letters.letters import COLUMNS, Letter
from services.projector.dead_letters.metrics import Standing
from services.projector.dead_letters.reading import Reader
from services.projector.dead_letters.record import TOPIC, needs_record, passed
from services.runtime.backoff import Backoff
from services.runtime.database import Connection

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks at the table."""
LOOK_AGAIN = 0.1
"""Seconds between two looks of one who waits for another process that publishes."""
AT_ONCE = 200
AT_MOST = 30.0
"""Seconds until so many are acknowledged."""

_ALONE = "SELECT pg_try_advisory_lock(hashtextextended('bookstream-publishes-dead-letters', 0))"
_ANY = "SELECT EXISTS (SELECT FROM projector.dead_letters WHERE published_at IS NULL AND name = ANY($1::text[]))"
_NEXT = f"""
SELECT {COLUMNS} FROM projector.dead_letters WHERE published_at IS NULL AND name = ANY($1::text[]) ORDER BY id LIMIT $2
"""  # noqa: S608, the columns are a constant
_PUBLISHED = "UPDATE projector.dead_letters SET published_at = now() WHERE id = ANY($1::bigint[])"


class Publishing:
    """Publishes what the projections named set aside, and measures what still is. Each letter once, or again after a
    crash before it is noted: its header `dl_id` is the same then.
    """

    def __init__(
        self, pool: asyncpg.Pool, *, bootstrap_servers: str, names: Collection[str], registry: CollectorRegistry
    ) -> None:
        self._pool = pool
        self._servers = bootstrap_servers
        self._names = list(names)
        self._standing = Standing(registry)

    async def run(self) -> None:
        """Publish for ever; what is away is waited for."""
        backoff = Backoff()
        while True:
            try:
                await self._standing.measure(self._pool, self._names)
                if count := await self.publish():
                    log.info("dead letters published", count=count)
            except (KafkaError, *TRANSIENT) as error:
                log.warning("dead letters are not published", error=type(error).__name__)
                await backoff.wait()
            else:
                backoff.reset()
                await asyncio.sleep(LOOK_EVERY)

    async def publish(self) -> int:
        """Publish all that is to be published, unless another process is at it; return how many were.

        Raises KafkaError, and what the database is to blame for.
        """
        if not await self._pool.fetchval(_ANY, self._names):
            return 0
        # The pool gives up all locks of a session that comes back to it.
        async with self._pool.acquire() as session:
            if not await session.fetchval(_ALONE):
                return 0
            async with Reader.open(self._servers) as reader, _producer(self._servers) as producer:
                return await self._publish(session, reader, producer)

    async def publish_all(self) -> None:
        """Return once nothing is left to be published, by this process or another: what is removed then was published.

        Raises KafkaError, TimeoutError, and what the database is to blame for.
        """
        async with asyncio.timeout(AT_MOST):
            while await self._pool.fetchval(_ANY, self._names):
                if not await self.publish():
                    await asyncio.sleep(LOOK_AGAIN)

    async def _publish(self, session: Connection, reader: Reader, producer: AIOKafkaProducer) -> int:
        count = 0
        while rows := await session.fetch(_NEXT, self._names, AT_ONCE):
            letters = [Letter(**row) for row in rows]
            await _send(letters, reader, producer)
            await session.execute(_PUBLISHED, [one.id for one in letters])
            count += len(letters)
        return count


async def _send(letters: Sequence[Letter], reader: Reader, producer: AIOKafkaProducer) -> None:
    records = await reader.read(one.origin for one in letters if needs_record(one))
    async with asyncio.timeout(AT_MOST):
        sent = list[asyncio.Future[object]]()
        for one in letters:
            told = passed(one, records.get(one.origin))
            sent.append(await producer.send(TOPIC, told.value, key=told.key, headers=told.headers))
        await asyncio.gather(*sent)


@asynccontextmanager
async def _producer(bootstrap_servers: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, enable_idempotence=True, acks="all")
    try:
        await asyncio.wait_for(producer.start(), AT_MOST)
        yield producer
    finally:
        await _stop(producer)


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        await asyncio.wait_for(producer.stop(), 5)
    except Exception as error:  # noqa: BLE001, a producer that is thrown away may fail in any way
        log.info("producer did not stop in order", error=type(error).__name__)
