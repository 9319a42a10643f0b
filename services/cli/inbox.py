"""`bookstream inbox`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from services.cli import tables
from services.cli.output import AsJson, show, telling_failures
from services.ingest.inbox import discard as discarding
from services.ingest.inbox import retry as retrying
from services.ingest.inbox import views
from services.ingest.inbox.parked import NotParked
from services.ingest.settings import IngestDatabase
from services.runtime.database import Connection, pool
from services.runtime.migrations import NotMigrated
from services.runtime.settings import load

Answer = TypeVar("Answer")
Ids = Annotated[list[UUID], typer.Argument(metavar="ID...", show_default=False, help="ids, as 'list' shows them")]

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Show, retry or discard deliveries that could not be processed."
)


class StillParked(Exception):
    """Deliveries that were retried cannot be read yet; the message says what to do."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} still cannot be read and stay parked. Look at one with 'bookstream inbox show ID --body'; "
            "retry after an upgrade, or discard it."
        )


@app.command("list")
def list_(
    *,
    state: Annotated[views.State, typer.Option(help="deliveries in this state")] = "parked",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="how many, the oldest first")] = 100,
    json: AsJson = False,
) -> None:
    """List deliveries, those that are parked unless told otherwise."""
    rows = _with_database(lambda connection: views.list_deliveries(connection, state=state, limit=limit))
    show(rows, title="inbox", empty=f"No delivery is {state}.", as_json=json)


@app.command("show")
def show_(
    *,
    delivery_id: Annotated[UUID, typer.Argument(metavar="ID", help="the delivery's id, as 'list' shows it")],
    body: Annotated[bool, typer.Option("--body", help="the body too; it may hold personal data")] = False,
    json: AsJson = False,
) -> None:
    """Show one delivery: where it stands and why, without personal data."""

    async def read(connection: Connection) -> dict[str, object]:
        row = await views.one_delivery(connection, delivery_id)
        return {**row, "body": await views.body_of(connection, delivery_id)} if body else row

    row = _with_database(read)
    for_people = sys.stdout.isatty() and not json
    rows = [{"field": field, "value": value} for field, value in row.items()] if for_people else [row]
    show(rows, title="delivery", empty="", as_json=json)


@app.command("retry")
def retry(
    *,
    ids: Annotated[list[UUID] | None, typer.Argument(metavar="[ID]...", help="ids, as 'list' shows them")] = None,
    every: Annotated[bool, typer.Option("--all", help="all that are parked")] = False,
    json: AsJson = False,
) -> None:
    """Let parked deliveries wait to be imported again."""
    if bool(ids) == every:
        raise typer.BadParameter("name the deliveries to retry, or give --all.")
    done = _with_database(lambda connection: retrying.retry(connection, None if every else ids))
    waiting = [{"id": one, "state": "waiting", "reason": None} for one in done.waiting]
    parked = [{"id": one, "state": "parked", "reason": reason} for one, reason in done.still_parked.items()]
    show([*waiting, *parked], title="retried", empty="Nothing is parked.", as_json=json)
    with telling_failures(StillParked):
        if parked:
            raise StillParked(len(parked))


@app.command("discard")
def discard(*, ids: Ids, json: AsJson = False) -> None:
    """Discard parked deliveries for good: their bodies go."""
    _with_database(lambda connection: discarding.discard(connection, ids))
    rows = [{"id": one, "state": "done", "reason": "discarded"} for one in dict.fromkeys(ids)]
    show(rows, title="discarded", empty="", as_json=json)


def _with_database(work: Callable[[Connection], Awaitable[Answer]]) -> Answer:
    async def run(database_url: str) -> Answer:
        async with pool(database_url, connections=1) as connections, connections.acquire() as connection:
            return await work(connection)

    with telling_failures(NotParked, views.NoSuchDelivery, NotMigrated):
        database_url = load(IngestDatabase).database
        tables.require("ingest", database_url)
        return asyncio.run(run(database_url))
