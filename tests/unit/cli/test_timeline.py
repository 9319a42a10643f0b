"""What a person sees of a history: the delivery, what it caused, and the rule behind each event (R4, R11)."""

import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from rich.console import Console

from services.cli.timeline import timeline
from services.ingest.history.sentences import SENTENCES, sentence

ROOT = Path(__file__).parent.parent.parent.parent
DECIDERS = (
    "domain/import_booking.py",
    "domain/reconcile.py",
    "domain/restore.py",
    "services/ingest/history/telling.py",
    "services/ingest/importing/decide.py",
    "services/ingest/reconciling/decide.py",
)
CAUSE = {"kind": "delivery", "id": "d1", "received_at": datetime(2026, 11, 24, 9, tzinfo=UTC), "connection_id": "c1"}


def event(name: str, rule: str, sequence: int, **data: object) -> dict[str, object]:
    place = {"at": "2026-11-24T09:00:00.250000Z", "sequence": sequence, "position": sequence + 40}
    return {"event": name, **place, "cause": CAUSE, "rule": rule, "why": sentence(rule), "data": data}


def test_a_timeline_shows_the_delivery_and_under_it_each_event_with_its_rule() -> None:
    # Given two events of one delivery
    events = [
        event("BookingImported", "R4", 1, title="Intro call", contact_id=None),
        event("OwnerAssigned", "R11", 2, owner_user_id="u1", candidates=["u1"]),
    ]
    # When they are drawn
    console = Console(width=120, record=True, file=StringIO())
    console.print(timeline(events, "appointment a1"))
    # Then the delivery stands above what it caused
    assert console.export_text().splitlines() == [
        "appointment a1",
        "└── delivery d1, received 2026-11-24 09:00:00 by connection c1",
        "    ├── 2026-11-24 09:00:00  BookingImported",
        "    │   ├── R4  Every new booking of a selected calendar becomes an appointment.",
        "    │   ├── sequence 1, position 41",
        "    │   └── title: Intro call",
        "    └── 2026-11-24 09:00:00  OwnerAssigned",
        "        ├── R11  On a personal calendar the user who connected the account owns the appointment.",
        "        ├── sequence 2, position 42",
        "        ├── owner_user_id: u1",
        '        └── candidates: ["u1"]',
    ]


def test_every_rule_that_decides_about_a_booking_has_a_sentence() -> None:
    named = {rule for path in DECIDERS for rule in re.findall(r'"(R\d+)"', (ROOT / path).read_text(encoding="utf-8"))}
    assert named - SENTENCES.keys() == set()
    assert named >= {"R4", "R7", "R13", "R14", "R19"}
