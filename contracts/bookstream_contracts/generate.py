"""Write the files that other teams read: `python -m bookstream_contracts.generate [folder]`."""

import json
import sys
from pathlib import Path
from typing import Any

from bookstream_contracts.asyncapi import document
from bookstream_contracts.examples import examples
from bookstream_contracts.schemas import dataschema, schemas, stem


def files() -> dict[str, str]:
    """Return each generated file's text by its path under `contracts/`."""
    made: dict[str, Any] = {dataschema(name): schema for name, schema in schemas().items()}
    made |= {f"examples/{stem(name)}.json": event.model_dump(mode="json") for name, event in examples().items()}
    made["asyncapi.json"] = document()
    return {path: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for path, content in made.items()}


def write(folder: Path) -> None:
    """Write the files under a folder, over what is there."""
    for path, text in files().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent)
