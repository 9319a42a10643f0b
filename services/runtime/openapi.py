"""What the OpenAPI document says of errors: they are problem details, on every operation that can answer so."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from services.runtime.problems import MEDIA_TYPE

_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "which kind of problem: /problems/<name>"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what to do about it"},
    },
}

_GUARDED = {
    "401": "The access token is missing or not valid",
    "403": "The token lacks the scope",
    "404": "Not there, or another tenant's",
}


def describe_problems(app: FastAPI) -> None:
    """Make the app's OpenAPI document tell the problems that its operations answer with."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            _add_problems(plain())
        return plain()

    app.openapi = described


def _add_problems(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _SCHEMA
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for responses in _guarded_responses(document):
        # What a route says itself comes last, and so stays.
        told = {status: _problem(answer["description"]) for status, answer in responses.items() if status >= "400"}
        responses |= {**{status: _problem(text) for status, text in _GUARDED.items()}, **told}
        if "422" in responses:
            responses["422"] = _problem("The request is not valid; `errors` names each fault")


def _guarded_responses(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (operation["responses"] for operation in path.values() if "security" in operation)


def _problem(text: str) -> dict[str, Any]:
    return {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
