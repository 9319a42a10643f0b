"""Shows how far a rebuild has come: a bar at a terminal, a JSON line each second elsewhere."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from services.projector.rebuilding.progress import Progress

DRAW_EVERY = 0.2
TELL_EVERY = 1.0
"""Seconds between two looks, of a person and of a program."""


@asynccontextmanager
async def shown(progress: Progress, *, what: str, as_json: bool) -> AsyncIterator[None]:
    """Show the progress as long as the context lasts."""
    for_program = as_json or not sys.stdout.isatty()
    showing = asyncio.create_task(_tell(progress, what) if for_program else _draw(progress, what), name="progress")
    try:
        yield
    finally:
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await showing


async def _tell(progress: Progress, what: str) -> None:
    while True:
        await asyncio.sleep(TELL_EVERY)
        typer.echo(json.dumps({"kind": "progress", "what": what, **_told(progress)}))


def _told(progress: Progress) -> dict[str, object]:
    left = progress.left
    return {
        "step": progress.step,
        "offsets": progress.done,
        "of": progress.total,
        "per_second": round(progress.rate),
        "seconds_left": None if left is None else round(left, 1),
        "resumed": progress.resumed,
    }


async def _draw(progress: Progress, what: str) -> None:
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    with Bar(*columns, TimeElapsedColumn(), console=Console()) as bar:
        task = bar.add_task(what, rate="")
        try:
            while True:
                _update(bar, task, progress, what)
                await asyncio.sleep(DRAW_EVERY)
        finally:
            _update(bar, task, progress, what)


def _update(bar: Bar, task: "object", progress: Progress, what: str) -> None:
    left = "" if progress.left is None else f", {progress.left:.0f} s left"
    rate = f"{progress.rate:,.0f}/s{left}" if progress.step == "reading" else progress.step
    bar.update(task, description=what, completed=progress.done, total=progress.total, rate=rate)  # pyright: ignore[reportArgumentType]
