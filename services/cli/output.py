"""Results for people and for programs: a table at a terminal, JSON lines elsewhere or with `--json`."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from aiokafka.errors import KafkaError
from asyncpg import InterfaceError, PostgresError
from psycopg import Error as PsycopgError
from psycopg import OperationalError
from rich.console import Console
from rich.table import Table

from services.runtime.settings import SettingsError

AsJson = Annotated[bool, typer.Option("--json", help="JSON lines, also at a terminal")]


def show(rows: Sequence[Mapping[str, Any]], *, title: str, empty: str, as_json: bool) -> None:
    """Show rows that have the same keys; where there are none, a person reads `empty` and a program no line."""
    if as_json or not sys.stdout.isatty():
        for row in rows:
            typer.echo(json.dumps(row, default=str))
        return
    if not rows:
        typer.echo(empty)
        return
    table = Table(title=title, title_justify="left")
    for column in rows[0]:
        table.add_column(column)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console().print(table)


@contextmanager
def telling_failures(*known: type[Exception]) -> Iterator[None]:
    """End the command with code 1 and the message of an error that is foreseen; the message says what to do."""
    try:
        yield
    except (SettingsError, *known) as error:
        _fail(str(error))
    except KafkaError as error:
        _fail(f"Kafka does not answer ({type(error).__name__}). Check KAFKA_BOOTSTRAP_SERVERS and that it runs.")
    except OperationalError:
        _fail("PostgreSQL does not answer, or refuses the login. Check the database URL and that it runs.")
    except (PostgresError, InterfaceError, PsycopgError) as error:
        _fail(f"PostgreSQL refused ({type(error).__name__}). Check the database URL and that 'bookstream migrate' ran.")
    except OSError as error:
        _fail(f"{error}. Check the addresses in the settings.")


def _fail(message: str) -> None:
    typer.echo(f"bookstream: {message}", err=True)
    raise typer.Exit(1)
