"""Which calendars an account has: as remembered while that is fresh, else as Calendly says."""

from collections.abc import Set as AbstractSet
from datetime import timedelta

import structlog

from domain.connection import CalendarLabel
from services.ingest.calendly.errors import CalendlyError
from services.ingest.calendly.models import User
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.labels import labels_of
from services.ingest.connections.rows import Row
from services.ingest.secrets.vault import SecretUnreadable

log = structlog.get_logger(__name__)

FRESH_FOR = timedelta(seconds=60)


async def calendars_known(
    deps: Dependencies, row: Row, *, needed: AbstractSet[str] = frozenset()
) -> dict[str, CalendarLabel]:
    """Return the account's calendars by URI. Calendly is asked when what is remembered is old or lacks a needed one.

    While Calendly cannot be asked, what is remembered must do. Raises CalendlyError where it lacks a needed one.
    """
    remembered = await deps.rows.calendars(row.id)
    fresh = deps.clock() - row.calendars_read_at < FRESH_FOR
    if fresh and needed <= set(remembered):
        return remembered
    try:
        labels = await _read(deps, row)
    except (CalendlyError, SecretUnreadable) as error:
        log.warning("calendars could not be read", connection=str(row.id), error=type(error).__name__)
        if needed <= set(remembered):
            return remembered
        raise
    await deps.rows.keep_calendars(row.id, labels.values(), at=deps.clock())
    return labels


async def _read(deps: Dependencies, row: Row) -> dict[str, CalendarLabel]:
    user = User(uri=row.calendly_user_uri, current_organization=row.organization_uri)
    return labels_of(await (await deps.calendly_of(row)).event_types(user))
