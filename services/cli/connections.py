"""`bookstream connections`."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from services.cli import tables
from services.cli.output import AsJson, show, telling_failures
from services.ingest.calendly.errors import CalendlyError
from services.ingest.connections.dependencies import open_dependencies
from services.ingest.connections.replace_subscription import replace_subscription
from services.ingest.event_store import EventStore
from services.ingest.secrets.vault import SecretUnreadable
from services.ingest.settings import IngestSettings
from services.runtime.database import pool
from services.runtime.migrations import NotMigrated
from services.runtime.settings import load

app = typer.Typer(add_completion=False, no_args_is_help=True)


class NotRotated(Exception):
    """The key is still the old one; the message says why and what to do."""


@app.callback()
def connections() -> None:
    """Look after connected accounts: exchange signing keys."""


@app.command("rotate-key")
def rotate_key(connection: Annotated[UUID, typer.Argument(metavar="ID")], *, json: AsJson = False) -> None:
    """Make a new webhook subscription with a new signing key; the old key is good for ten minutes more."""
    with telling_failures(NotRotated, NotMigrated):
        settings = load(IngestSettings)
        tables.require("ingest", settings.database)
        asyncio.run(_rotate(settings, connection))
        row = {"connection_id": connection, "rotated": True}
        show([row], title="rotated", empty="", as_json=json)


async def _rotate(settings: IngestSettings, connection_id: UUID) -> None:
    async with (
        pool(settings.database, connections=3) as connections,
        EventStore.open(settings.database) as store,
        open_dependencies(settings, connections, store) as deps,
    ):
        if await deps.rows.by_id(connection_id) is None:
            raise NotRotated(f"There is no connection {connection_id}. Look it up in the API.")
        try:
            await replace_subscription(deps, connection_id)
        except (CalendlyError, SecretUnreadable) as error:
            detail = f"Calendly did not take the new subscription ({type(error).__name__}). Run it again later."
            raise NotRotated(detail) from None
