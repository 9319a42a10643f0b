"""Write the files that other teams read: `python -m bookstream_contracts.generate [folder]`."""

import json
import sys
from pathlib import Path
from typing import Any

from bookstream_contracts.asyncapi import document
from bookstream_contracts.compatibility import breaking_changes
from bookstream_contracts.examples import examples
from bookstream_contracts.schemas import dataschema, schemas, stem


class Breaks(Exception):
    """A schema that readers rely on would change for them; the message says how, and what to do."""


def files() -> dict[str, str]:
    """Return each generated file's text by its path under `contracts/`."""
    made: dict[str, Any] = {dataschema(name): schema for name, schema in schemas().items()}
    made |= {f"examples/{stem(name)}.json": event.model_dump(mode="json") for name, event in examples().items()}
    made["asyncapi.json"] = document()
    return {path: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for path, content in made.items()}


def write(folder: Path) -> None:
    """Write the files under a folder, over what is there. Raises Breaks before anything is written."""
    made = files()
    for path, text in made.items():
        if path.startswith("schemas/"):
            _check(folder / path, text)
    for path, text in made.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _check(target: Path, text: str) -> None:
    if not target.exists():
        return
    changes = breaking_changes(json.loads(target.read_text(encoding="utf-8")), json.loads(text))
    if changes:
        raise Breaks(
            f"{target.name}: {'; '.join(changes)}. Leave this version as it is, and put the next one beside it."
        )


if __name__ == "__main__":
    try:
        write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent)
    except Breaks as refusal:
        sys.exit(str(refusal))
