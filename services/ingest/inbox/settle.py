"""What became of deliveries, written in the transaction that saves their events: nothing is lost or half done."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from domain.import_booking import Outcome
from services.ingest.event_store import Statement

_DONE = """
UPDATE ingest.inbox AS i
   SET state = 'done', outcome = s.outcome, rule = s.rule, appointment_id = s.appointment_id,
       processed_at = %(at)s, body = NULL, attempts = i.attempts + 1
  FROM unnest(%(ids)s::uuid[], %(outcomes)s::text[], %(rules)s::text[], %(appointments)s::uuid[])
       AS s (id, outcome, rule, appointment_id)
 WHERE i.id = s.id AND i.state = 'waiting'
"""

_PARKED = """
UPDATE ingest.inbox AS i
   SET state = 'parked', outcome = 'parked', reason = s.reason, processed_at = %(at)s, attempts = i.attempts + 1
  FROM unnest(%(ids)s::uuid[], %(reasons)s::text[]) AS s (id, reason)
 WHERE i.id = s.id AND i.state = 'waiting'
"""


def settle(outcomes: Mapping[UUID, Outcome], parked: Mapping[UUID, str], *, at: datetime) -> list[Statement]:
    """Return the statements that settle deliveries: the body goes with a decision, and stays while parked."""
    statements: list[Statement] = []
    if outcomes:
        statements.append((_DONE, _done(outcomes, at)))
    if parked:
        parameters = {"ids": list(parked), "reasons": list(parked.values()), "at": at}
        statements.append((_PARKED, parameters))
    return statements


def _done(outcomes: Mapping[UUID, Outcome], at: datetime) -> dict[str, object]:
    settled = list(outcomes.values())
    return {
        "ids": list(outcomes),
        "outcomes": [one.kind for one in settled],
        "rules": [one.rule for one in settled],
        "appointments": [one.appointment_id for one in settled],
        "at": at,
    }
