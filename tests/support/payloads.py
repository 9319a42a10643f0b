"""Deliveries as Calendly sends them, made up, with the parts that R6 forbids to keep."""

import json
from typing import Any

API = "https://api.calendly.com"


def invitee_created(**changes: Any) -> dict[str, Any]:
    """Return an `invitee.created` delivery; `changes` replace fields of the invitee, `scheduled_event` is merged."""
    scheduled_event = {
        "uri": f"{API}/scheduled_events/S1",
        "name": "Intro call",
        "status": "active",
        "start_time": "2026-12-03T15:00:00.000000Z",
        "end_time": "2026-12-03T15:30:00.000000Z",
        "event_type": f"{API}/event_types/E1",
        "location": {"type": "outbound_call", "location": "+49 30 23125 014"},
        **changes.pop("scheduled_event", {}),
    }
    payload = {
        "uri": f"{API}/scheduled_events/S1/invitees/I1",
        "email": "Lena.Vogt@mail.example",
        "name": "Lena Vogt",
        "status": "active",
        "created_at": "2026-11-24T11:00:10.300000Z",
        "questions_and_answers": [{"question": "Phone", "answer": "+49 30 23125 014", "position": 0}],
        "text_reminder_number": "+49 30 23125 014",
        "scheduled_event": scheduled_event,
        **changes,
    }
    return {
        "event": "invitee.created",
        "created_at": "2026-11-24T11:00:11.000000Z",
        "created_by": f"{API}/users/U1",
        "payload": payload,
    }


def body(delivery: dict[str, Any]) -> bytes:
    """Return a delivery as the bytes that are signed and sent."""
    return json.dumps(delivery).encode()
