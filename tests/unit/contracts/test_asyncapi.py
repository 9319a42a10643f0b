"""The AsyncAPI document holds together: references resolve, and it says of each topic what the data says."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from bookstream_contracts import EVENTS, TOPICS
from bookstream_contracts.asyncapi import document
from jsonschema import Draft7Validator, ValidationError

from services.projector.dead_letters.letters import Letter
from services.projector.dead_letters.record import passed


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolved(reference: str) -> Any:
    assert reference.startswith("#/")
    node: Any = document()
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


def test_every_reference_leads_somewhere_in_the_document() -> None:
    found = set(references(document()))
    assert all(resolved(one) for one in found)
    assert "#/components/schemas/Calendar" in found


def test_each_topic_is_a_channel_with_its_events() -> None:
    messages = {name: list(channel["messages"]) for name, channel in document()["channels"].items()}
    assert messages == {
        "crm.calendly.bookings.v1": ["BookingImported.v1", "OwnerAssigned.v1", "BookingDeleted.v1"],
        "crm.calendly.contacts.v1": ["ContactUpserted.v1", "ContactErased"],
        "crm.calendly.calendars.v1": [
            "CalendlyConnected.v1",
            "CalendarSelected.v1",
            "CalendarDeselected.v1",
            "CalendlyDisconnected.v1",
        ],
        "crm.calendly.dead-letters.v1": ["DeadLetter"],
    }


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_says_when_it_fires_and_when_not_and_shows_its_headers(name: str) -> None:
    message = next(one for one in document()["components"]["messages"].values() if one["name"] == name)
    assert re.fullmatch(r"Fires .+\. Does not fire .+\.", message["description"])
    headers = message["examples"][0]["headers"]
    Draft7Validator(message["headers"]).validate(headers)
    assert headers["ce_type"] == name


def test_a_dead_letters_headers_are_those_that_the_projector_writes() -> None:
    letter = Letter(**dict.fromkeys(Letter.__slots__, "x"))
    written = [name for name, _ in passed(letter, None).headers]
    assert written == document()["components"]["messages"]["DeadLetter"]["headers"]["required"]


def test_only_the_contacts_topic_is_marked_as_holding_personal_data() -> None:
    marked = [name for name, channel in document()["channels"].items() if channel["x-personal-data"]]
    assert marked == ["crm.calendly.contacts.v1"]


def test_a_channel_tells_kafkas_settings_as_they_are_set() -> None:
    contacts, dead_letters = (
        document()["channels"][name]["bindings"]["kafka"]["topicConfiguration"]
        for name in ("crm.calendly.contacts.v1", "crm.calendly.dead-letters.v1")
    )
    assert contacts == {
        "cleanup.policy": ["compact"],
        "delete.retention.ms": 3_153_600_000_000,
        "max.compaction.lag.ms": 86_400_000,
    }
    assert dead_letters == {"cleanup.policy": ["delete"], "retention.ms": 2_592_000_000}


@pytest.mark.parametrize("name", EVENTS)
def test_a_messages_example_is_valid_by_its_payload_and_an_empty_one_is_not(name: str) -> None:
    message = next(one for one in document()["components"]["messages"].values() if one["name"] == name)
    validator = Draft7Validator({**message["payload"], "components": document()["components"]})
    validator.validate(message["examples"][0]["payload"])
    with pytest.raises(ValidationError):
        validator.validate({})


def test_each_event_stands_on_exactly_one_topic() -> None:
    assert sorted(name for topic in TOPICS for name in topic.events) == sorted(EVENTS)
