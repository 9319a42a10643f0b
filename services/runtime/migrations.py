"""Plain SQL files, applied once each and in order by yoyo, under a lock so that two runs at once are safe."""

from importlib.resources import as_file
from importlib.resources.abc import Traversable
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier
from yoyo import get_backend, read_migrations


class NotMigrated(Exception):
    """A service's tables are missing or old; the message says which files are to be applied, and how."""


def migrate(*, database_url: str, service: str, folder: Traversable) -> list[str]:
    """Apply the files of a folder that are not applied yet; return their names.

    The service's schema is made first; yoyo's records of what was applied stand in it. Raises psycopg.Error where the
    database cannot be reached or refuses a statement; a file that fails leaves nothing behind.
    """
    with psycopg.connect(database_url, autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(hashtextextended('bookstream-migrate', 0))")
        session.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(service)))
        with as_file(folder) as path, get_backend(_for_yoyo(database_url, service)) as backend:
            pending = backend.to_apply(read_migrations(str(path)))
            backend.apply_migrations(pending)
            return [one.id for one in pending]


def require_migrated(*, database_url: str, service: str, folder: Traversable) -> None:
    """Check that all files of a folder are applied. Raises NotMigrated, or psycopg.Error as `migrate` does."""
    names = sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql"))
    with psycopg.connect(database_url) as session:
        applied = _applied(session, service)
    missing = [name for name in names if name not in applied]
    if missing:
        raise NotMigrated(
            f"The tables of {service} are not up to date: run 'bookstream migrate' ({', '.join(missing)})."
        )


def _applied(session: psycopg.Connection, service: str) -> set[str]:
    kept = f"{service}._yoyo_migration"
    there = session.execute("SELECT to_regclass(%s)", [kept]).fetchone()
    if there is None or there[0] is None:
        return set()
    statement = SQL("SELECT migration_id FROM {}").format(Identifier(service, "_yoyo_migration"))
    return {name for (name,) in session.execute(statement)}


def _for_yoyo(database_url: str, schema: str) -> str:
    parts = urlsplit(database_url)
    query = f"{parts.query}&schema={schema}" if parts.query else f"schema={schema}"
    return urlunsplit(parts._replace(scheme="postgresql+psycopg", query=query))
