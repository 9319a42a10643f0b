"""The vote that completes an agreement orders the deletion, in the transaction that saves the vote (R18)."""

from collections.abc import Iterable
from uuid import UUID

from domain.booking import DeletionReason
from domain.calendar import Calendar
from domain.recorded import Context
from domain.removal import delete_is_agreed
from services.ingest.event_store import Statement

_ORDER = """
INSERT INTO ingest.removals AS r (calendar_id, subaccount_id, calendar_uri, reason, cause_id, trace, agreed_at, total)
VALUES (%(calendar_id)s, %(subaccount_id)s, %(calendar_uri)s, %(reason)s, %(cause_id)s, %(trace)s, %(agreed_at)s,
        (SELECT count(*) FROM ingest.bookings WHERE calendar_id = %(calendar_id)s AND NOT deleted))
ON CONFLICT (calendar_id) DO UPDATE
   SET reason = excluded.reason, cause_id = excluded.cause_id, trace = excluded.trace, agreed_at = excluded.agreed_at,
       done = 0, total = excluded.total, outcome = NULL, finished_at = NULL
"""

_TELL = "SELECT pg_notify('removals', '')"


def agreed(
    context: Context, calendars: Iterable[Calendar], *, subaccount_id: UUID, reason: DeletionReason
) -> list[Statement]:
    """Return the statements that order the deletion of those calendars on which this decision completed the agreement.

    Call it after the decision and before its calendars are saved. The reason is that of the last vote.
    """
    orders: list[Statement] = [
        (_ORDER, _order(context, one, subaccount_id=subaccount_id, reason=reason))
        for one in sorted(calendars, key=lambda it: it.id)
        if one.changed and delete_is_agreed(one)
    ]
    return [*orders, (_TELL, {})] if orders else []


def _order(context: Context, calendar: Calendar, *, subaccount_id: UUID, reason: DeletionReason) -> dict[str, object]:
    assert calendar.label is not None
    return {
        "calendar_id": calendar.id,
        "subaccount_id": subaccount_id,
        "calendar_uri": calendar.label.uri,
        "reason": reason,
        "cause_id": context.cause_id,
        "trace": context.trace,
        "agreed_at": context.at,
    }
