"""Does what is there agree with what was booked?"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx2

from devstack.demo.story import Story
from devstack.demo.watch import Sightings
from devstack.system import System


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was checked: what is expected, and what is there."""

    what: str
    expected: object
    found: object

    @property
    def agrees(self) -> bool:
        """Tell whether both are the same."""
        return self.expected == self.found


async def check(system: System, http: httpx2.AsyncClient, story: Story, seen: Sightings) -> list[Finding]:
    """Compare bookings with topics and read models."""
    base = f"{system.projector_url}/v1/subaccounts/{story.subaccount}"
    rows = (await http.get(f"{base}/appointments?limit=200")).json()["items"]
    contacts = (await http.get(f"{base}/contacts?limit=200")).json()["items"]
    lag = sum(one["lag"] for one in (await http.get(f"{system.projector_url}/v1/projections")).json()["items"])
    emails = Counter(chapter.email for chapter in story.chapters)
    counts = Counter(one.type for one in seen.events)
    return [
        Finding(what="appointments", expected=len(story.chapters), found=len(rows)),
        Finding(what="appointments by calendar", expected=_booked(story), found=_shown(rows)),
        Finding(what="contacts and their appointments", expected=dict(emails), found=_contacts(contacts)),
        Finding(what="BookingImported on the topic", expected=len(story.chapters), found=counts["BookingImported"]),
        Finding(what="OwnerAssigned on the topic", expected=len(story.chapters), found=counts["OwnerAssigned"]),
        Finding(what="events that stand twice on a topic", expected=0, found=_doubles(seen)),
        Finding(what="owners outside the cast", expected=0, found=_strangers(rows, story)),
        Finding(what="appointments without their contact", expected=0, found=_lonely(rows)),
        Finding(what="records that the projections lag behind", expected=0, found=lag),
    ]


def _booked(story: Story) -> dict[str, int]:
    return dict(sorted(Counter(chapter.calendar for chapter in story.chapters).items()))


def _shown(rows: list[dict[str, Any]]) -> dict[str, int]:
    return dict(sorted(Counter(row["calendar"]["uri"] for row in rows).items()))


def _contacts(contacts: list[dict[str, Any]]) -> dict[str, int]:
    return {one["email"]: one["appointment_count"] for one in contacts}


def _doubles(seen: Sightings) -> int:
    return len(seen.events) - len({one.id for one in seen.events})


def _strangers(rows: list[dict[str, Any]], story: Story) -> int:
    return sum(1 for row in rows if row["owner_user_id"] not in story.users.values())


def _lonely(rows: list[dict[str, Any]]) -> int:
    return sum(1 for row in rows if not row["contact"] or not row["contact"]["email"])
