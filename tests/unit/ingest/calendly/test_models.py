"""Calendly's answers are read for what they say, whatever else stands in them."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.ingest.calendly.models import EventType, Organization, Subscription, User

URI = "https://api.calendly.com/event_types/E1"


def event_type(**fields: Any) -> EventType:
    return EventType.model_validate({"uri": URI, "name": "Intro call", **fields})


@pytest.mark.parametrize(
    ("fields", "shared"),
    [
        ({"pooling_type": None, "profile": {"type": "User"}}, False),
        ({"kind": "group", "pooling_type": None, "profile": {"type": "User"}}, False),
        ({"pooling_type": "round_robin", "profile": {"type": "User"}}, True),
        ({"pooling_type": "collective", "profile": {"type": "Team"}}, True),
        ({"pooling_type": "a_new_kind", "profile": None}, True),
        ({"pooling_type": None, "profile": {"type": "Team"}}, True),
        ({"pooling_type": None, "profile": {"type": "Planet"}}, False),
        ({"pooling_type": None, "profile": None}, False),
        ({}, False),
    ],
)
def test_a_calendar_is_shared_when_it_is_pooled_or_a_teams(fields: dict[str, Any], *, shared: bool) -> None:
    assert event_type(**fields).shared is shared


@pytest.mark.parametrize(
    ("fields", "usable"),
    [({}, True), ({"active": False}, False), ({"deleted_at": "2026-11-20T10:00:00.000000Z"}, False)],
)
def test_inactive_and_deleted_event_types_are_not_usable(fields: dict[str, Any], *, usable: bool) -> None:
    assert event_type(**fields).usable is usable


def test_unknown_fields_and_values_are_tolerated() -> None:
    told = {"uri": "https://api.calendly.com/webhook_subscriptions/W1", "callback_url": "https://a.example/w",
            "state": "a_new_state", "mood": "good"}  # fmt: skip
    assert Subscription.model_validate(told).state == "a_new_state"
    assert Organization.model_validate({"uri": URI, "plan": "a_new_plan", "stage": "x"}).plan == "a_new_plan"


@pytest.mark.parametrize("uri", ["http://api.calendly.com/users/U1", "/users/U1", "https://api.calendly.com/a b", ""])
def test_a_uri_that_is_none_is_refused_without_being_repeated(uri: str) -> None:
    with pytest.raises(ValidationError) as refused:
        User.model_validate({"uri": uri, "current_organization": URI})
    assert "input_value" not in str(refused.value)
