"""A list with an item that is not as documented: the rest of it is read, and nothing of the item is logged (R6)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from fastapi import FastAPI

from services.ingest.calendly.client import Calendly, open_calendly
from services.ingest.calendly.errors import Unavailable
from services.ingest.calendly.models import User
from tests.support.serving import serving

API = "https://api.calendly.com"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
EVENT = {
    "uri": f"{API}/scheduled_events/S1",
    "status": "active",
    "start_time": "2026-11-25T09:00:00Z",
    "end_time": "2026-11-25T09:30:00Z",
    "event_type": f"{API}/event_types/E1",
    "updated_at": "2026-11-24T09:00:00Z",
}
INVITEE = {"uri": f"{EVENT['uri']}/invitees/I1", "status": "active", "created_at": "2026-11-24T09:00:00Z"}
USER = User(uri=f"{API}/users/U1", current_organization=f"{API}/organizations/O1")


def page(*items: dict[str, Any]) -> dict[str, Any]:
    return {"collection": list(items), "pagination": {"next_page_token": None}}


@pytest.fixture(scope="module")
async def calendly() -> AsyncIterator[Calendly]:
    """A Calendly whose lists each have an item that is not as documented, before one that is."""
    app = FastAPI()
    app.get("/scheduled_events")(lambda: page({**EVENT, "start_time": "soon"}, EVENT))
    app.get("/scheduled_events/S1/invitees")(lambda: page({**INVITEE, "created_at": None, "name": "Lena"}, INVITEE))
    app.get("/event_types")(lambda: page({"uri": "nonsense"}))
    async with serving(app) as url, open_calendly(url, patience=1.0) as clients:
        yield clients("a token")


async def test_an_event_that_is_not_as_documented_is_passed_over_and_named(calendly: Calendly) -> None:
    with structlog.testing.capture_logs() as told:
        found = [one async for one in calendly.scheduled_events({"user": USER.uri}, min_start=NOW, max_start=NOW)]
    assert [one.uri for one in found] == [EVENT["uri"]]
    reason = "Calendly's ScheduledEvent is not as documented: start_time"
    assert told == [{"event": "passed over", "log_level": "warning", "reason": reason, "uri": EVENT["uri"]}]


async def test_an_invitee_that_is_not_as_documented_is_passed_over_without_its_name(calendly: Calendly) -> None:
    with structlog.testing.capture_logs() as told:
        found = await calendly.invitees(str(EVENT["uri"]))
    assert [one.uri for one in found] == [INVITEE["uri"]]
    assert [one["reason"] for one in told] == ["Calendly's Invitee is not as documented: created_at"]
    assert "Lena" not in str(told)


async def test_a_list_that_must_be_whole_is_refused_when_an_item_is_not_as_documented(calendly: Calendly) -> None:
    with pytest.raises(Unavailable, match="Calendly's EventType is not as documented"):
        await calendly.event_types(USER)
