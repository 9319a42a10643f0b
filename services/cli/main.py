"""The command `bookstream`. Exit codes: 0 done, 1 could not be done, 2 wrong usage."""

import typer

from services.cli import ingest, migrate, projector, token
from services.runtime import logs

app = typer.Typer(
    name="bookstream",
    help="Turns Calendly bookings into a replayable stream of events on Kafka, and builds read models from it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(migrate.migrate)
app.command()(ingest.ingest)
app.command()(projector.projector)
app.command()(token.token)


@app.callback()
def prepare() -> None:
    """Turn Calendly bookings into a stream of events, and build read models from it."""
    logs.configure()
