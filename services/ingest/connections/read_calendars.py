"""Which calendars an account has: as remembered while that is fresh, else as Calendly says."""

from collections.abc import Set as AbstractSet
from datetime import timedelta

import structlog

from domain.connection import CalendarLabel
from services.ingest.calendly.errors import CalendlyError
from services.ingest.calendly.models import User
from services.ingest.connections.connect_account import labels_of
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.rows import Row

log = structlog.get_logger(__name__)

FRESH_FOR = timedelta(seconds=60)


async def calendars_known(
    deps: Dependencies, row: Row, *, needed: AbstractSet[str] = frozenset()
) -> dict[str, CalendarLabel]:
    """Return the account's calendars by URI. Calendly is asked when what is remembered is old or lacks a needed one.

    While Calendly does not answer, what is remembered must do.
    """
    remembered = await deps.rows.calendars(row.id)
    fresh = deps.clock() - row.calendars_read_at < FRESH_FOR
    if fresh and needed <= set(remembered):
        return remembered
    user = User(uri=row.calendly_user_uri, current_organization=row.organization_uri)
    try:
        labels = labels_of(await deps.calendly(deps.token_of(row)).event_types(user))
    except CalendlyError as error:
        log.warning("calendars could not be read", connection=str(row.id), error=type(error).__name__)
        return remembered
    await deps.rows.keep_calendars(row.id, labels, at=deps.clock())
    return {label.uri: label for label in labels}
