"""`bookstream reconcile`."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from services.cli import tables
from services.cli.output import AsJson, show, telling_failures
from services.ingest.calendly.errors import CalendlyError
from services.ingest.connections.rows import Row
from services.ingest.event_store import EventStore
from services.ingest.reconciling.alone import Busy
from services.ingest.reconciling.decide import Decision
from services.ingest.reconciling.dry_run import would_reconcile
from services.ingest.reconciling.reconcile_connection import ReconcileConnection
from services.ingest.reconciling.scope import connected_rows, row_of
from services.ingest.reconciling.tools import Tools, open_tools
from services.ingest.secrets.vault import SecretUnreadable
from services.ingest.settings import IngestSettings
from services.runtime.database import pool
from services.runtime.migrations import NotMigrated
from services.runtime.settings import load

WOULD = {"imported": "would_import"}

app = typer.Typer(add_completion=False)


class NoSuchConnection(Exception):
    """The connection is not there; the message says what to do."""

    def __init__(self, connection_id: UUID) -> None:
        super().__init__(f"There is no connection {connection_id}, or it is not connected. Look it up in the API.")


class Incomplete(Exception):
    """Some connections could not be compared; the message says why and what to do."""

    def __init__(self, failed: Mapping[UUID, Exception]) -> None:
        named = "; ".join(f"{one}: {type(error).__name__}" for one, error in failed.items())
        super().__init__(f"{len(failed)} not compared to the end ({named}). Run it again later, or reconnect them.")


@app.command()
def reconcile(
    *,
    connection: Annotated[UUID | None, typer.Option(metavar="ID", help="this one; all when left out")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="change nothing; say why each booking stays out")] = False,
    json: AsJson = False,
) -> None:
    """Compare connections with Calendly now, and import what was missed."""
    with telling_failures(NoSuchConnection, Incomplete, NotMigrated):
        settings = load(IngestSettings)
        tables.require("ingest", settings.database)
        rows, failed = asyncio.run(_run(settings, connection, dry_run=dry_run))
        show(rows, title="reconcile", empty="Nothing was missed.", as_json=json)
        if failed:
            raise Incomplete(failed)


async def _run(
    settings: IngestSettings, connection_id: UUID | None, *, dry_run: bool
) -> tuple[list[dict[str, Any]], dict[UUID, Exception]]:
    shown: list[dict[str, Any]] = []
    failed: dict[UUID, Exception] = {}
    async with (
        pool(settings.database, connections=3) as connections,
        EventStore.open(settings.database) as store,
        open_tools(settings, connections, store) as tools,
    ):
        every = timedelta(seconds=settings.reconcile_every)
        for row in await _rows(tools, connection_id):
            try:
                decisions = await _compare(tools, row, every=every, dry_run=dry_run)
            except (CalendlyError, SecretUnreadable, Busy) as error:
                failed[row.id] = error
            else:
                shown += [_shown(row, one, dry_run=dry_run) for one in decisions]
    return shown, failed


async def _rows(tools: Tools, connection_id: UUID | None) -> list[Row]:
    if connection_id is None:
        return await connected_rows(tools)
    row = await row_of(tools, connection_id)
    if row is None or row.state != "connected":
        raise NoSuchConnection(connection_id)
    return [row]


async def _compare(tools: Tools, row: Row, *, every: timedelta, dry_run: bool) -> list[Decision]:
    if dry_run:
        return [one async for one in would_reconcile(tools, row)]
    decisions = await ReconcileConnection(tools, every=every).run(row, anew=True)
    return [one for one in decisions if one.outcome.kind == "imported"]


def _shown(row: Row, one: Decision, *, dry_run: bool) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "connection_id": row.id,
        "invitee_uri": one.booked.invitee_uri,
        "calendar_uri": one.booked.calendar_uri,
        "booked_at": one.booked.booked_at.isoformat(),
        "outcome": WOULD.get(outcome.kind, outcome.kind) if dry_run else outcome.kind,
        "rule": outcome.rule,
        "appointment_id": outcome.appointment_id,
    }
