"""The command `bookstream`. Exit codes: 0 done, 1 could not be done, 2 wrong usage."""

from importlib import import_module

import typer
from typer.core import TyperGroup
from typer.main import get_command

from services.runtime import logs

COMMANDS = (
    "migrate",
    "ingest",
    "projector",
    "connections",
    "projections",
    "inbox",
    "dead-letters",
    "reconcile",
    "explain",
    "audit",
    "erase",
    "token",
)
"""In the order of DESIGN 5. Each is a module beside this one, with its Typer as `app`; a dash is `_` there."""


class Commands(TyperGroup):
    """Imports a command when it is asked for: `token` need not wait for what `ingest` loads."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002, the framework passes it
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str):  # noqa: ARG002, the framework's type is its own copy
        """Return a command, None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        command = get_command(import_module(f"services.cli.{cmd_name.replace('-', '_')}").app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def prepare() -> None:
    """Turn Calendly bookings into a replayable stream of events on Kafka, and build read models from it."""
    logs.configure()
