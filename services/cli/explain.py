"""`bookstream explain`."""

import asyncio
import json as codec
import sys
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from services.cli import tables
from services.cli.output import AsJson, show, telling_failures
from services.cli.timeline import timeline
from services.ingest.event_store import EventStore
from services.ingest.history.sentences import sentence
from services.ingest.history.telling import HistoryItem, tell
from services.ingest.inbox.views import arrived, became_anywhere
from services.ingest.settings import IngestDatabase
from services.runtime.database import pool
from services.runtime.migrations import NotMigrated
from services.runtime.settings import load

Id = Annotated[UUID, typer.Argument(metavar="ID", show_default=False)]

app = typer.Typer(no_args_is_help=True, help="Say why an appointment, a contact or a booking is as it is.")


class NothingKnown(Exception):
    """There is no history; the message says what to check."""


@app.command()
def appointment(*, appointment_id: Id, json: AsJson = False) -> None:
    """Draw what happened to an appointment, by which rule and because of what."""
    _explain(appointment_id, "appointment", json=json)


@app.command()
def contact(*, contact_id: Id, json: AsJson = False) -> None:
    """Draw what happened to a contact. It shows personal data."""
    _explain(contact_id, "contact", json=json)


@app.command()
def invitee(
    *, uri: Annotated[str, typer.Argument(metavar="URI", help="Calendly's URI of the invitee")], json: AsJson = False
) -> None:
    """Say what became of each delivery of a booking, and by which rule it was left out, if it was."""
    with telling_failures(NothingKnown, NotMigrated):
        rows = asyncio.run(_deliveries(uri))
        if not rows:
            raise NothingKnown(
                "No delivery of this invitee was settled. Check the URI; what waits is in 'inbox list --state waiting'."
            )
    show(rows, title="deliveries", empty="", as_json=json)
    if sys.stdout.isatty() and not json:
        for appointment_id in {row["appointment_id"] for row in rows if row["appointment_id"]}:
            _explain(appointment_id, "appointment", json=False)


def _explain(aggregate_id: UUID, what: str, *, json: bool) -> None:
    with telling_failures(NothingKnown, NotMigrated):
        events = asyncio.run(_events(aggregate_id))
        if not events:
            raise NothingKnown(f"There is no {what} {aggregate_id}. Check the id; deleted ones have a history too.")
    if sys.stdout.isatty() and not json:
        Console().print(timeline(events, f"{what} {aggregate_id}"))
        return
    for event in events:
        typer.echo(codec.dumps(event, default=str))


async def _events(aggregate_id: UUID) -> list[dict[str, Any]]:
    """Return each event with what the rule behind it says, and with the delivery's time and connection."""
    settings = load(IngestDatabase)
    await asyncio.to_thread(tables.require, "ingest", settings.database)
    async with EventStore.open(settings.database) as store, pool(settings.database, connections=1) as database:
        items = tell(await store.history(aggregate_id), as_of=None).items
        deliveries = await arrived(database, {item.cause.id for item in items})
    return [_explained(item, deliveries.get(item.cause.id, {})) for item in items]


def _explained(item: HistoryItem, delivery: dict[str, Any]) -> dict[str, Any]:
    told = item.model_dump(mode="json")
    return {**told, "why": sentence(item.rule), "cause": {**told["cause"], **delivery}}


async def _deliveries(uri: str) -> list[dict[str, Any]]:
    settings = load(IngestDatabase)
    await asyncio.to_thread(tables.require, "ingest", settings.database)
    async with pool(settings.database, connections=1) as database:
        rows = await became_anywhere(database, invitee_uri=uri)
    return [{**row, "why": sentence(row["rule"])} for row in rows]
