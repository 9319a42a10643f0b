"""The contracts import the standard library, pydantic and themselves: other teams install nothing else with them."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CONTRACTS = Path(__file__).parents[2] / "contracts" / "bookstream_contracts"
ALLOWED = {"bookstream_contracts", "pydantic", *sys.stdlib_module_names}


def foreign(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                modules = [one.name for one in names]
            case ast.ImportFrom(module=str(module), level=0):
                modules = [module]
            case _:
                continue
        yield from (one for one in modules if one.partition(".")[0] not in ALLOWED)


@pytest.mark.parametrize("file", sorted(CONTRACTS.rglob("*.py")), ids=lambda file: file.name)
def test_each_file_of_the_contracts_stands_alone(file: Path) -> None:
    assert list(foreign(file.read_text())) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import msgspec", ["msgspec"]),
        ("from services.runtime import envelope", ["services.runtime"]),
        ("def late():\n    import domain.booking", ["domain.booking"]),
        ("import json\nfrom pydantic.json_schema import models_json_schema\nfrom . import event", []),
    ],
)
def test_a_violation_is_seen(source: str, found: list[str]) -> None:
    assert list(foreign(source)) == found
