"""JSON Schemas of the events, made from their models."""

from typing import Any

from pydantic.json_schema import models_json_schema

from bookstream_contracts.registry import EVENTS


def stem(name: str) -> str:
    """Return the file stem of a `ce_type`: `bookstream.BookingImported.v1` is `BookingImported.v1`."""
    return name.removeprefix("bookstream.")


def dataschema(name: str) -> str:
    """Return the `ce_dataschema` of a `ce_type`: the schema's path under `contracts/`."""
    return f"schemas/{stem(name)}.json"


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (2020-12) of each event by its `ce_type`; each stands alone."""
    return {name: _schema(name) for name in EVENTS}


def shared_schemas(ref_template: str) -> dict[str, dict[str, Any]]:
    """Return the schemas by the name of their model, parts of events included.

    `ref_template` says how one names another, such as `#/components/schemas/{model}`.
    """
    _, made = models_json_schema([(model, "serialization") for model in EVENTS.values()], ref_template=ref_template)
    return made["$defs"]


def _schema(name: str) -> dict[str, Any]:
    made = EVENTS[name].model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": dataschema(name), **made}
