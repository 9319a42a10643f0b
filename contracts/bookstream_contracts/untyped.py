"""Messages that are no events, for the AsyncAPI document: the null that erases a person, and a dead letter."""

from typing import Any

ERASURE = "ContactErased"
DEAD_LETTER = "DeadLetter"

_DEAD_LETTER_HEADERS = {
    "dl_id": "the same when it is published again, so a reader can drop what it has seen",
    "dl_reason": "what is wrong with the record, without a value of it",
    "dl_error_class": "class of the error; empty for a record that could not be read",
    "dl_topic": "the topic of the record",
    "dl_partition": "its partition",
    "dl_offset": "its offset",
    "dl_attempts": "how often it was tried",
    "dl_projection": "the projection that could not apply it",
    "dl_version": "and its version",
}

UNTYPED: dict[str, dict[str, Any]] = {
    ERASURE: {
        "name": ERASURE,
        "title": "A person is forgotten",
        "summary": "A null value: forget everything under this key. It has no body.",
        "description": "Fires when a person is erased by command. A person who books again later has another key.",
        "contentType": "application/json",
        "payload": {"type": "null"},
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}, "bindingVersion": "0.5.0"}},
        "examples": [{"name": ERASURE, "payload": None}],
    },
    DEAD_LETTER: {
        "name": DEAD_LETTER,
        "title": "A record that a projection could not apply",
        "summary": "The record as it stood on its topic, raw, with its own headers and these.",
        "description": (
            "Fires when the projector sets a record aside. Later ones of its key follow, each with "
            "the reason that it waits. Of a topic with personal data a record is only named by topic, partition and "
            "offset: its value is empty, and its own headers are left out."
        ),
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "required": list(_DEAD_LETTER_HEADERS),
            "properties": {
                name: {"type": "string", "description": text} for name, text in _DEAD_LETTER_HEADERS.items()
            },
        },
        "payload": {},
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}},
    },
}
"""By the name they have in the document."""
