"""`bookstream dead-letters`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from prometheus_client import CollectorRegistry
from rich.console import Console
from rich.progress import track

from services.cli import tables
from services.cli.output import AsJson, show, telling_failures
from services.cli.selecting import Every, Ids, Key, LetterId, Older, Projection, Reason, Since
from services.projector.dead_letters import discard as discarding
from services.projector.dead_letters import retry as retrying
from services.projector.dead_letters.find import NotDeadLetters, NothingFound, Selection, find, listed
from services.projector.dead_letters.outcome import Outcome
from services.projector.dead_letters.publish import Publishing
from services.projector.dead_letters.reading import Reader
from services.projector.dead_letters.views import shown
from services.projector.projections import PROJECTIONS
from services.projector.settings import ProjectorDatabase
from services.runtime.database import pool
from services.runtime.migrations import NotMigrated
from services.runtime.settings import KafkaSettings, load

Answer = TypeVar("Answer")
Decide = Callable[..., Awaitable[Outcome]]
DryRun = Annotated[bool, typer.Option("--dry-run", help="try it, tell what would be, and undo it")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="how many, the oldest first")]

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Show, retry or discard records that a projection set aside."
)


class StillDead(Exception):
    """Some records could not be applied; the message says what to do."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} could not be applied and stay, with those behind them. Look at one with 'bookstream dead-letters "
            "show ID'; retry after a fix, or discard it. What is gone from its topic can only be discarded."
        )


@app.command("list")
def list_(
    *,
    projection: Projection = None,
    key: Key = None,
    reason: Reason = None,
    older_than: Older = None,
    since: Since = None,
    limit: Limit = 100,
    json: AsJson = False,
) -> None:
    """List dead letters, the oldest first, each with how many records of its key wait behind it."""
    asked = Selection(projection=projection, key=key, reason=reason, older_than=older_than, since=since)
    rows = _with_database(lambda connections: listed(connections, asked, limit=limit))
    show(rows, title="dead letters", empty="There are no such dead letters.", as_json=json)


@app.command("show")
def show_(
    *,
    letter_id: LetterId,
    value: Annotated[bool, typer.Option("--value", help="the value too; it may hold personal data")] = False,
    json: AsJson = False,
) -> None:
    """Show one dead letter: why, where its record stands, its headers if it is still there, and who waits behind it."""
    row = _with_topics(lambda connections, reader: shown(connections, reader, letter_id, value=value))
    for_people = sys.stdout.isatty() and not json
    rows = [{"field": field, "value": told} for field, told in row.items()] if for_people else [row]
    show(rows, title="dead letter", empty="", as_json=json)


@app.command()
def retry(
    *,
    ids: Ids = None,
    projection: Projection = None,
    key: Key = None,
    reason: Reason = None,
    older_than: Older = None,
    since: Since = None,
    every: Every = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Apply dead letters after a fix, and then the records behind them, in order."""
    asked = Selection(ids=ids, projection=projection, key=key, reason=reason, older_than=older_than, since=since)
    _decide(retrying.retry, _meant(asked, every=every), dry_run=dry_run, json=json)


@app.command()
def discard(
    *,
    ids: Ids = None,
    projection: Projection = None,
    key: Key = None,
    reason: Reason = None,
    older_than: Older = None,
    since: Since = None,
    every: Every = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Give dead letters up for good, and apply the records behind them, in order."""
    asked = Selection(ids=ids, projection=projection, key=key, reason=reason, older_than=older_than, since=since)
    _decide(discarding.discard, _meant(asked, every=every), dry_run=dry_run, json=json)


def _meant(asked: Selection, *, every: bool) -> Selection:
    if asked.says_nothing != every:
        raise typer.BadParameter("say which dead letters are meant: ids, --key, --reason and the like, or --all.")
    return asked


def _decide(decide: Decide, asked: Selection, *, dry_run: bool, json: bool) -> None:
    for_people = sys.stdout.isatty() and not json

    async def run(connections: asyncpg.Pool, reader: Reader) -> list[Outcome]:
        letters, outcomes = await find(connections, asked), list[Outcome]()
        if not dry_run:
            await _published(connections)
        for one in track(letters, "deciding", console=Console(stderr=True), transient=True, disable=not for_people):
            outcomes.append(await decide(connections, reader, one, dry_run=dry_run))
            if not for_people:  # as each is decided: where this is interrupted, it was told what became of some
                show([_row(outcomes[-1], dry_run=dry_run)], title="", empty="", as_json=True)
        return outcomes

    outcomes = _with_topics(run)
    if for_people:
        title = "what would be done" if dry_run else "what was done"
        show([_row(one, dry_run=dry_run) for one in outcomes], title=title, empty="", as_json=False)
    stuck = sum(one.stays is not None for one in outcomes)
    with telling_failures(StillDead):
        if stuck:
            raise StillDead(stuck)


async def _published(connections: asyncpg.Pool) -> None:
    """Publish what was set aside before anything is removed: each dead letter reaches its topic."""
    servers, registry = load(KafkaSettings).kafka_bootstrap_servers, CollectorRegistry()
    await Publishing(connections, bootstrap_servers=servers, names=PROJECTIONS, registry=registry).publish_all()


def _row(one: Outcome, *, dry_run: bool) -> Mapping[str, Any]:
    letter = one.letter
    return {
        "id": letter.id,
        "projection": letter.name,
        "version": letter.version,
        "key": letter.key,
        "became": one.became,
        "applied": one.events,
        "stays": one.stays,
        "reason": one.fault and one.fault.reason,
        "error": one.fault and one.fault.error,
        "waiting": one.waiting,
        "dry_run": dry_run,
    }


def _with_topics(work: Callable[[asyncpg.Pool, Reader], Awaitable[Answer]]) -> Answer:
    async def run(connections: asyncpg.Pool) -> Answer:
        async with Reader.open(load(KafkaSettings).kafka_bootstrap_servers) as reader:
            return await work(connections, reader)

    return _with_database(run)


def _with_database(work: Callable[[asyncpg.Pool], Awaitable[Answer]]) -> Answer:
    async def run(database_url: str) -> Answer:
        async with pool(database_url, connections=1) as connections:
            return await work(connections)

    with telling_failures(NothingFound, NotDeadLetters, NotMigrated):
        database_url = load(ProjectorDatabase).database
        tables.require("projector", database_url)
        return asyncio.run(run(database_url))
