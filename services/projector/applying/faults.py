"""Whose fault an error is: the database's, the tables', or the one record's that was to be applied."""

import asyncpg

from services.projector.applying import positions
from services.projector.projections import Projection
from services.projector.records import Erased, Occurred
from services.runtime.database import Connection

TRANSIENT = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.CannotConnectNowError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.PostgresSystemError,
    OSError,
    TimeoutError,
    positions.Overtaken,
)
"""Trouble of the database, not of a record: it is waited out, and never makes a dead letter."""

NOT_APPLIED = "could not be applied"


def passes(error: Exception) -> bool:
    """Tell whether an error is trouble of the database that will pass."""
    # A value that asyncpg cannot encode is an InterfaceError too, and a ValueError: it is as wrong the next time.
    return isinstance(error, TRANSIENT) and not isinstance(error, ValueError)


async def attempt(
    connection: Connection, projection: Projection, event: Occurred | Erased, *, version: int
) -> str | None:
    """Write one event's changes; return the class of the error that is its own, and then nothing was written.

    Raises what passes, and SyntaxOrAccessError where tables or rights are missing: every record would fail at that.
    """
    try:
        async with connection.transaction():
            await projection.write(connection, [event], version=version)
    except Exception as error:
        if passes(error) or isinstance(error, asyncpg.SyntaxOrAccessError):
            raise
        return type(error).__name__
    return None
