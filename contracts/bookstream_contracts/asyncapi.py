"""The AsyncAPI 3 document of the topics, made from the same models and data as everything else here."""

from functools import cache
from inspect import getdoc
from typing import Any

from bookstream_contracts.examples import examples
from bookstream_contracts.registry import EVENTS
from bookstream_contracts.schemas import dataschema, schemas, stem
from bookstream_contracts.topics import TOPICS, Topic

_HEADERS: dict[str, str] = {
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
    topics = [topic for topic in TOPICS if topic.events]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Bookstream",
            "version": "1",
            "description": "What happens to Calendly bookings, as CloudEvents 1.0 in Kafka's binary mode.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {f"send.{topic.name}": _operation(topic) for topic in topics},
        "components": {"messages": {stem(name): _message(name) for name in EVENTS}},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    personal = "It holds personal data; a null value erases its key." if topic.personal_data else "No personal data."
    return {
        "address": topic.name,
        "description": f"Key: {topic.key}. Kept: {topic.retention}. Written by {topic.owner}. {personal}",
        "messages": {stem(name): {"$ref": f"#/components/messages/{stem(name)}"} for name in topic.events},
        "bindings": {"kafka": {"topic": topic.name, "partitions": topic.partitions, "bindingVersion": "0.5.0"}},
        "x-retention": topic.retention,
        "x-personal-data": topic.personal_data,
    }


def _operation(topic: Topic) -> dict[str, Any]:
    channel = f"#/channels/{topic.name}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{stem(name)}"} for name in topic.events],
    }


def _message(name: str) -> dict[str, Any]:
    schema = {key: value for key, value in schemas()[name].items() if key not in {"$schema", "$id"}}
    example = examples()[name]
    return {
        "name": name,
        "title": stem(name),
        "summary": (getdoc(EVENTS[name]) or "").split("\n", maxsplit=1)[0],
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": [header for header in _HEADERS if header != "ce_traceparent"],
            "properties": {header: {"type": "string", "description": text} for header, text in _HEADERS.items()},
        },
        "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": schema},
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}, "bindingVersion": "0.5.0"}},
        "examples": [{"name": stem(name), "payload": example.model_dump(mode="json")}],
        "x-dataschema": dataschema(name),
    }
