"""A schema only grows by optional fields; everything else is named as a break."""

from typing import Any

import pytest
from bookstream_contracts.compatibility import breaking_changes

OLD: dict[str, Any] = {
    "$defs": {"Calendar": {"properties": {"uri": {"type": "string"}}, "required": ["uri"]}},
    "description": "An event.",
    "properties": {"id": {"type": "string", "title": "Id"}, "via": {"enum": ["webhook"]}, "note": {"type": "string"}},
    "required": ["id", "via"],
}


def changed(**changes: Any) -> dict[str, Any]:
    return {**OLD, **changes}


def fields(**changes: Any) -> dict[str, Any]:
    return {**OLD["properties"], **changes}


def test_nothing_breaks_when_words_change_or_optional_fields_come() -> None:
    new = changed(
        description="Another text.",
        properties=fields(id={"type": "string", "title": "Other", "description": "new"}, extra={"type": "integer"}),
    )
    assert breaking_changes(OLD, new) == []


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (
            changed(properties={"id": {"type": "string"}, "via": {"enum": ["webhook"]}}),
            "field 'note' of the event is gone",
        ),
        (changed(properties=fields(id={"type": "integer"})), "field 'id' of the event is another one now"),
        (changed(properties=fields(via={"enum": ["webhook", "poll"]})), "field 'via' of the event is another one now"),
        (changed(required=["id", "via", "note"]), "field 'note' of the event is required now"),
        (
            changed(properties=fields(extra={"type": "string"}), required=["id", "via", "extra"]),
            "field 'extra' of the event is required now",
        ),
        (changed(required=["id"]), "field 'via' of the event is no longer always there"),
        (changed(**{"$defs": {}}), "its part Calendar is gone"),
        (changed(**{"$defs": {"Calendar": {"properties": {}}}}), "field 'uri' of its part Calendar is gone"),
    ],
)
def test_a_break_is_named(new: dict[str, Any], said: str) -> None:
    assert breaking_changes(OLD, new) == [said]
