"""Plain SQL files, applied once each and in order by yoyo, under a lock so that two runs at once are safe."""

from importlib.resources import as_file
from importlib.resources.abc import Traversable
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier
from yoyo import get_backend, read_migrations


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


def _for_yoyo(database_url: str, schema: str) -> str:
    parts = urlsplit(database_url)
    query = f"{parts.query}&schema={schema}" if parts.query else f"schema={schema}"
    return urlunsplit(parts._replace(scheme="postgresql+psycopg", query=query))
