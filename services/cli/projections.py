"""`bookstream projections`: replay history into a new version, compare, switch, go back."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeVar

import typer

from services.cli import tables
from services.cli.output import AsJson, show, telling_failures
from services.cli.progress import shown
from services.projector.read_api.projections import state_of
from services.projector.rebuilding.drop import drop_version
from services.projector.rebuilding.progress import Progress
from services.projector.rebuilding.rebuild import BUDGET, Rebuild
from services.projector.rebuilding.refusals import Refused
from services.projector.rebuilding.switch import Switch
from services.projector.rebuilding.tools import Tools
from services.projector.rebuilding.verify import Verdict, Verify
from services.projector.settings import ProjectorDatabase
from services.projector.versions import Version, versions
from services.runtime.migrations import NotMigrated
from services.runtime.settings import KafkaSettings, load

Answer = TypeVar("Answer")
Name = Annotated[str, typer.Argument(metavar="NAME", help="appointments or contacts")]
Number = Annotated[int | None, typer.Option("--version", min=1, help="which version, where there are several")]
Budget = Annotated[int, typer.Option(min=100, help="changes held in memory at most, each of about 2 KB")]
Accept = Annotated[bool, typer.Option("--accept-differences", help="the rebuild was made to change rows")]
MOST_NAMED = 1000
"""Rows that are named; all are counted."""

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Rebuild projections from history, and switch.")


@app.command("list")
def list_(*, json: AsJson = False) -> None:
    """List the versions of all projections: state, lag, and what comparing them found."""

    async def read(tools: Tools) -> list[dict[str, Any]]:
        return [await _listed(tools, one) for one in await versions(tools.pool)]

    rows = _with_tools(read)
    for_people = sys.stdout.isatty() and not json
    show([_in_short(row) for row in rows] if for_people else rows, title="projections", empty="", as_json=json)


@app.command()
def rebuild(*, name: Name, budget: Budget = BUDGET, json: AsJson = False) -> None:
    """Build a new version from offset zero while the live one serves; one that was interrupted goes on."""
    progress = Progress()

    async def run(tools: Tools) -> Version:
        async with shown(progress, what=f"rebuild {name}", as_json=json):
            return await Rebuild(tools=tools, budget=budget).run(name, progress=progress)

    one = _with_tools(run)
    row = {"kind": "rebuilt", **_named(one), "offsets": progress.done, "seconds": round(progress.seconds, 1)}
    show([row], title="rebuilt", empty="", as_json=json)


@app.command()
def verify(*, name: Name, json: AsJson = False) -> None:
    """Compare every row of the rebuilt version with the live one, at the same offsets; exit code 1 if any differs."""
    verdict = _with_tools(lambda tools: Verify(tools).run(name))
    show(_compared(verdict), title="what was compared", empty="", as_json=json)
    rows = [{"kind": one.kind, "id": one.id} for one in verdict.differences[:MOST_NAMED]]
    show(rows, title=f"how {verdict.new.label} differs", empty="No row differs.", as_json=json)
    if verdict.differences:
        typer.echo(f"bookstream: {len(verdict.differences)} rows differ, see above.", err=True)
        raise typer.Exit(1)


@app.command()
def switch(*, name: Name, accept_differences: Accept = False, json: AsJson = False) -> None:
    """Let readers see the rebuilt version; the one before stays fed, so that 'rollback' goes back."""
    done = _with_tools(lambda tools: Switch(tools).forward(name, accept_differences=accept_differences))
    _show_exchange("switched", *done, as_json=json)


@app.command()
def rollback(*, name: Name, json: AsJson = False) -> None:
    """Let readers see the version that was live before."""
    _show_exchange("rolled back", *_with_tools(lambda tools: Switch(tools).back(name)), as_json=json)


@app.command()
def drop(*, name: Name, version: Number = None, json: AsJson = False) -> None:
    """Drop the version that is not live, with its tables."""
    one = _with_tools(lambda tools: drop_version(tools, name, number=version))
    show([{"kind": "dropped", **_named(one)}], title="dropped", empty="", as_json=json)


def _with_tools(work: Callable[[Tools], Awaitable[Answer]]) -> Answer:
    async def run(database_url: str, servers: str) -> Answer:
        async with Tools.open(database_url=database_url, bootstrap_servers=servers) as tools:
            return await work(tools)

    with telling_failures(Refused, NotMigrated):
        database_url, servers = load(ProjectorDatabase).database, load(KafkaSettings).kafka_bootstrap_servers
        tables.require("projector", database_url)
        return asyncio.run(run(database_url, servers))


async def _listed(tools: Tools, one: Version) -> dict[str, Any]:
    state = await state_of(tools.pool, tools.tails, one)
    seen = {"events_applied": one.events_applied, "lag": state.lag, "loaded_at": one.loaded_at}
    return {**_named(one), "state": one.state, **seen, "verified_at": one.verified_at, "differences": one.differences}


def _in_short(row: Mapping[str, Any]) -> dict[str, Any]:
    differs = {None: "", 0: "no row differs"}.get(row["differences"], f"{row['differences']} rows differ")
    what = {"projection": f"{row['name']} v{row['version']}", "state": row["state"] if row["loaded_at"] else "loading"}
    return {**what, "events": row["events_applied"], "lag": row["lag"], "compared": differs}


def _named(one: Version) -> dict[str, Any]:
    return {"name": one.name, "version": one.version}


def _compared(verdict: Verdict) -> list[dict[str, Any]]:
    at = " ".join(f"{partition}:{position}" for (_, partition), position in sorted(verdict.positions.items()))
    sides = (verdict.live, verdict.live_rows), (verdict.new, verdict.new_rows)
    return [
        {"kind": "compared", **_named(one), "rows": part.rows, "checksum": f"{part.checksum:016x}", "offsets": at}
        for one, part in sides
    ]


def _show_exchange(kind: str, before: Version, now: Version, *, as_json: bool) -> None:
    row = {"kind": kind, "name": now.name, "live": now.version, "retired": before.version}
    show([row], title=kind, empty="", as_json=as_json)
