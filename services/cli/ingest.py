"""`bookstream ingest`."""

import typer

from services.cli import tables
from services.cli.output import telling_failures
from services.cli.parts import Host, Only, Port, chosen
from services.ingest.process import PARTS, run
from services.ingest.settings import IngestSettings
from services.runtime.migrations import NotMigrated
from services.runtime.server import PartFailed, run_in_loop
from services.runtime.settings import load

app = typer.Typer(add_completion=False)


@app.command()
def ingest(*, host: Host = "127.0.0.1", port: Port = 8000, only: Only = None) -> None:
    """Run the ingest service: webhook and connections API, import, relay."""
    parts = chosen(only, PARTS)
    with telling_failures(PartFailed, NotMigrated):
        settings = load(IngestSettings)
        tables.require("ingest", settings.database)
        run_in_loop(run(settings, host=host, port=port, only=parts))
