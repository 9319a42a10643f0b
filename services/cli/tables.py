"""Where a service's tables are described, for the commands that make them and those that need them."""

from importlib.resources import files

from services.runtime import migrations


def migrate(service: str, database_url: str) -> list[str]:
    """Bring a service's tables up to date; return the names of the files that were applied."""
    folder = files(f"services.{service}") / "migrations"
    return migrations.migrate(database_url=database_url, service=service, folder=folder)


def require(service: str, database_url: str) -> None:
    """Check that a service's tables are up to date. Raises NotMigrated."""
    folder = files(f"services.{service}") / "migrations"
    migrations.require_migrated(database_url=database_url, service=service, folder=folder)
