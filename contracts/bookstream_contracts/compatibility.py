"""Which changes to a schema break its readers: it only grows by optional fields (DESIGN 3)."""

from collections.abc import Iterator, Mapping
from typing import Any

_WORDS = {"title", "description"}

Schema = Mapping[str, Any]


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Return one sentence for each change that a reader of the old schema, or of old events, would trip over."""
    changes: list[str] = []
    for where, before in _objects(old).items():
        after = _objects(new).get(where)
        changes += [f"{where} is gone"] if after is None else _of_object(where, before, after)
    return changes


def _objects(schema: Schema) -> dict[str, Schema]:
    parts: Schema = schema.get("$defs", {})
    return {"the event": schema, **{f"its part {name}": part for name, part in parts.items()}}


def _of_object(where: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before:
        if name not in after:
            yield f"field '{name}' of {where} is gone"
        elif _meaning(before[name]) != _meaning(after[name]):
            yield f"field '{name}' of {where} is another one now"
    had, has = set(old.get("required", ())), set(new.get("required", ()))
    yield from (f"field '{name}' of {where} is required now" for name in sorted(has - had))
    yield from (f"field '{name}' of {where} is no longer always there" for name in sorted((had - has) & set(after)))


def _meaning(schema: Schema) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in _WORDS}
