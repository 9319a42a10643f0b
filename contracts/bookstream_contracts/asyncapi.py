"""The AsyncAPI 3 document of the topics, made from the same models and data as everything else here."""

from datetime import UTC, datetime
from functools import cache
from inspect import getdoc
from typing import Any
from uuid import UUID

from bookstream_contracts.examples import examples
from bookstream_contracts.firing import FIRES
from bookstream_contracts.registry import EVENTS
from bookstream_contracts.schemas import dataschema, shared_schemas, stem
from bookstream_contracts.testkit import record
from bookstream_contracts.topics import TOPICS, Topic
from bookstream_contracts.untyped import DEAD_LETTER, ERASURE, UNTYPED

_HEADERS: dict[str, str] = {
    "content-type": "of the value: application/json",
    "ce_specversion": "CloudEvents' version: 1.0",
    "ce_id": "the event's id: the same on every retry and replay, so a reader can drop what it has seen",
    "ce_type": "which event, and which version of it",
    "ce_source": "/subaccounts/<id>",
    "ce_subject": "the aggregate's id, which is also the record's key",
    "ce_time": "when the event was recorded, RFC 3339 in UTC",
    "ce_dataschema": "path of the value's schema under contracts/",
    "ce_subaccount": "the subaccount's id",
    "ce_sequence": "the event's number within its aggregate, from 1",
    "ce_position": "the event's place in the event store's log",
    "ce_causationid": "id of the delivery, reconciliation pass or API call that caused it",
    "ce_traceparent": "the W3C trace of the cause, where it had one",
}


@cache
def document() -> dict[str, Any]:
    """Return the document; treat it as read-only."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Bookstream",
            "version": "1",
            "description": "What happens to Calendly bookings, as CloudEvents 1.0 in Kafka's binary mode.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {f"send.{topic.name}": _operation(topic) for topic in TOPICS},
        "components": {
            "messages": {**{stem(name): _message(name) for name in EVENTS}, **UNTYPED},
            "schemas": shared_schemas("#/components/schemas/{model}"),
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    personal = "It holds personal data; a null value erases its key." if topic.personal_data else "No personal data."
    binding = {
        "topic": topic.name,
        "partitions": topic.partitions,
        "topicConfiguration": _configuration(topic),
        "bindingVersion": "0.5.0",
    }
    return {
        "address": topic.name,
        "description": f"Key: {topic.key}. Kept: {topic.retention}. Written by {topic.owner}. {personal}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _messages_of(topic)},
        "bindings": {"kafka": binding},
        "x-key": topic.key,
        "x-retention": topic.retention,
        "x-personal-data": topic.personal_data,
    }


def _configuration(topic: Topic) -> dict[str, Any]:
    settings = topic.settings
    numbers = {name: int(value) for name, value in settings.items() if name != "cleanup.policy"}
    return {"cleanup.policy": [settings["cleanup.policy"]], **numbers}


def _operation(topic: Topic) -> dict[str, Any]:
    channel = f"#/channels/{topic.name}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in _messages_of(topic)],
    }


def _messages_of(topic: Topic) -> list[str]:
    erasure = [ERASURE] if topic.personal_data else []
    dead_letter = [] if topic.events else [DEAD_LETTER]
    return [*map(stem, topic.events), *erasure, *dead_letter]


def _message(name: str) -> dict[str, Any]:
    fires, does_not = FIRES[name]
    return {
        "name": name,
        "title": stem(name),
        "summary": (getdoc(EVENTS[name]) or "").split("\n", maxsplit=1)[0],
        "description": f"Fires {fires}. Does not fire {does_not}.",
        "contentType": "application/json",
        "headers": _headers(name),
        "payload": {"$ref": f"#/components/schemas/{EVENTS[name].__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}, "bindingVersion": "0.5.0"}},
        "examples": [_example(name)],
        "x-dataschema": dataschema(name),
    }


def _example(name: str) -> dict[str, Any]:
    made = record(
        examples()[name], time=datetime(2026, 11, 20, 9, 30, 1, tzinfo=UTC), id_=UUID(int=1), cause=UUID(int=2)
    )
    headers = {header: text.decode() for header, text in made.headers}
    return {"name": stem(name), "headers": headers, "payload": examples()[name].model_dump(mode="json")}


def _headers(name: str) -> dict[str, Any]:
    fixed = {"ce_specversion": "1.0", "ce_type": name, "ce_dataschema": dataschema(name)}
    return {
        "type": "object",
        "required": [header for header in _HEADERS if header != "ce_traceparent"],
        "properties": {
            header: {"type": "string", "description": text, **({"const": fixed[header]} if header in fixed else {})}
            for header, text in _HEADERS.items()
        },
    }
