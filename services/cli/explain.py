"""`bookstream explain`."""

import asyncio
import json as codec
import sys
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.tree import Tree

from services.cli import tables
from services.cli.output import AsJson, show, telling_failures
from services.ingest.event_store import EventStore
from services.ingest.history.telling import History, HistoryItem, tell
from services.ingest.inbox.views import became_anywhere
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
        history = asyncio.run(_history(aggregate_id))
        if not history.items:
            raise NothingKnown(f"There is no {what} {aggregate_id}. Check the id; deleted ones have a history too.")
    if sys.stdout.isatty() and not json:
        Console().print(_timeline(history, f"{what} {aggregate_id}"))
        return
    for item in history.items:
        typer.echo(item.model_dump_json())


async def _history(aggregate_id: UUID) -> History:
    settings = load(IngestDatabase)
    await asyncio.to_thread(tables.require, "ingest", settings.database)
    async with EventStore.open(settings.database) as store:
        return tell(await store.history(aggregate_id), as_of=None)


async def _deliveries(uri: str) -> list[dict[str, Any]]:
    settings = load(IngestDatabase)
    await asyncio.to_thread(tables.require, "ingest", settings.database)
    async with pool(settings.database, connections=1) as database:
        return await became_anywhere(database, invitee_uri=uri)


def _timeline(history: History, title: str) -> Tree:
    tree = Tree(f"[bold]{title}[/bold]")
    for item in history.items:
        branch = tree.add(f"[green]{item.at:%Y-%m-%d %H:%M:%S}[/green]  [bold]{item.event}[/bold]  {item.rule}")
        branch.add(f"[dim]{item.cause.kind} {item.cause.id}, sequence {item.sequence}, position {item.position}[/dim]")
        for name, value in _facts(item).items():
            branch.add(f"{name}: {value}")
    return tree


def _facts(item: HistoryItem) -> dict[str, str]:
    told = codec.loads(item.model_dump_json())["data"]
    return {name: codec.dumps(value, ensure_ascii=False) for name, value in told.items() if value is not None}
