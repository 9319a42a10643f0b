"""The projector's composition root: everything it needs is opened here, and closed in the reverse order."""

from prometheus_client import CollectorRegistry

from services.projector.consumers import open_consumers
from services.projector.dead_letters.publish import Publishing
from services.projector.read_api import appointments, contacts, projections
from services.projector.settings import ProjectorSettings
from services.projector.tails import Tails
from services.runtime.database import pool as database_pool
from services.runtime.health import Checks
from services.runtime.server import run_together, serve
from services.runtime.tokens import keys_from
from services.runtime.web import new_app

PARTS = ("api", "appointments", "contacts")


async def run(settings: ProjectorSettings, *, host: str, port: int, only: frozenset[str]) -> None:
    """Run the parts named until SIGTERM or SIGINT; health and metrics are served in any case.

    Raises SettingsError, NotMigrated, OSError and KafkaConnectionError at the start, PartFailed later.
    """
    keys, registry = keys_from(settings), CollectorRegistry()
    servers = settings.kafka_bootstrap_servers
    async with (
        database_pool(settings.database) as pool,
        Tails.open(servers) as tails,
        open_consumers(pool, bootstrap_servers=servers, names=only, registry=registry) as consumers,
    ):
        checks = Checks(
            {
                "database": lambda: pool.fetchval("SELECT 1"),
                "kafka": lambda: tails.partitions("crm.calendly.bookings.v1"),
                "consumers": consumers.advance,
            }
        )
        read = (appointments.router(pool), contacts.router(pool), projections.router(pool, tails))
        routers = read if "api" in only else ()
        app = new_app("Bookstream: projector", keys=keys, checks=checks, registry=registry, routers=routers)
        dead_letters = Publishing(pool, bootstrap_servers=servers, names=only, registry=registry)
        parts = {"http": lambda: serve(app, host=host, port=port), "consumers": consumers.follow}
        await run_together({**parts, "dead letters": dead_letters.run})
