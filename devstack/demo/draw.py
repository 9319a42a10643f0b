"""The demo for a person: a table that fills while bookings travel. For a pipe: JSON lines."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from devstack.demo.check import Finding
from devstack.demo.story import Chapter, Story
from devstack.demo.watch import Sightings

Row = dict[str, Any]


def rows(story: Story, seen: Sightings) -> list[Row]:
    """Return what is known of each booking; times are milliseconds after the 202."""
    return [_row(chapter, seen, {user: name for name, user in story.users.items()}) for chapter in story.chapters]


def _row(chapter: Chapter, seen: Sightings, names: Mapping[str, str]) -> Row:
    imported = seen.of_invitee(chapter.invitee)
    began = seen.answered(chapter.invitee)
    told: Row = {"booking": chapter.title, "deliveries": len(seen.deliveries.get(chapter.invitee, ()))}
    if imported is None:
        return told
    events = seen.about(imported.subject)
    shown_at, row = seen.appointments.get(imported.subject, (None, None))
    owner = next((one.data for one in events if one.type == "OwnerAssigned"), None)
    return {
        **told,
        "events": [one.type for one in events],
        "owner": names.get(owner["owner_user_id"]) if owner else None,
        "drawn_among": len(owner["candidates"]) if owner else None,
        "appointment": row["id"] if row else None,
        "recorded_ms": _after(began, imported.recorded_at),
        "topic_ms": _after(began, imported.read_at),
        "row_ms": _after(began, shown_at),
    }


def _after(began: float | None, moment: float | None) -> float | None:
    return None if began is None or moment is None else round((moment - began) * 1000, 1)


def picture(story: Story, seen: Sightings) -> Table:
    """Return the table for a person."""
    table = Table(title="How each booking travels", title_justify="left", caption=_CAPTION, caption_justify="left")
    for name in ("booking at Calendly", "deliveries", "events on the topics", "owner", "appointment"):
        table.add_column(name)
    for name in ("recorded", "on the topic", "row"):
        table.add_column(name, justify="right", style="green")
    for row in rows(story, seen):
        owner = row.get("owner")
        among = row.get("drawn_among") or 0
        table.add_row(
            row["booking"],
            f"{row['deliveries']} x 202" if row["deliveries"] else "",
            " + ".join(row.get("events", ())),
            f"{owner}, drawn among {among}" if owner and among > 1 else owner or "",
            (row.get("appointment") or "")[:8],
            *(_ms(row.get(name)) for name in ("recorded_ms", "topic_ms", "row_ms")),
        )
    return table


_CAPTION = "Times are milliseconds after Calendly got its 202. Contacts travel on a topic of their own."


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} ms"


def verdict(findings: Sequence[Finding]) -> Group:
    """Return the check for a person."""
    table = Table(title="What is there against what was booked", title_justify="left", show_header=False, box=None)
    for one in findings:
        mark = Text("agrees", "green") if one.agrees else Text("DIFFERS", "bold red")
        shown = str(one.found) if isinstance(one.found, int) else f"{len(_sized(one.found))} as booked"
        table.add_row(mark, one.what, shown if one.agrees else f"expected {one.expected}, found {one.found}")
    return Group("", table)


def _sized(found: object) -> Mapping[str, int]:
    return found if isinstance(found, dict) else {}


class Stage:
    """Where the demo speaks: a terminal or a pipe."""

    def __init__(self) -> None:
        self.console = Console()
        self.person = sys.stdout.isatty()

    def say(self, line: str) -> None:
        """Say what happens."""
        if self.person:
            self.console.print(f"[dim]{line}[/dim]", highlight=False)
        else:
            self.tell(kind="progress", text=line)

    def tell(self, **facts: Any) -> None:
        """Write one JSON line."""
        sys.stdout.write(json.dumps(facts, default=str) + "\n")
        sys.stdout.flush()

    def show_end(self, story: Story, seen: Sightings, findings: Sequence[Finding]) -> None:
        """Show the check, and to a pipe the bookings too."""
        if self.person:
            self.console.print(verdict(findings))
            return
        for row in rows(story, seen):
            self.tell(kind="booking", **row)
        for one in findings:
            self.tell(kind="check", what=one.what, agrees=one.agrees, expected=one.expected, found=one.found)
