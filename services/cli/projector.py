"""`bookstream projector`."""

import typer

from services.cli import tables
from services.cli.output import telling_failures
from services.cli.parts import Host, Only, Port, chosen
from services.projector.process import PARTS, run
from services.projector.settings import ProjectorSettings
from services.projector.versions import NotMigrated as NoVersion
from services.runtime.migrations import NotMigrated
from services.runtime.server import PartFailed, run_in_loop
from services.runtime.settings import load

app = typer.Typer(add_completion=False)


@app.command()
def projector(*, host: Host = "127.0.0.1", port: Port = 8001, only: Only = None) -> None:
    """Run the projector service: read models of appointments and contacts, and the read API."""
    parts = chosen(only, PARTS)
    with telling_failures(PartFailed, NotMigrated, NoVersion):
        settings = load(ProjectorSettings)
        tables.require("projector", settings.database)
        run_in_loop(run(settings, host=host, port=port, only=parts))
