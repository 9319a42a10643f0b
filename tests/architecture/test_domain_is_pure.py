"""The domain imports the standard library and `eventsourcing.domain`, and asks for no clock, id or chance."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOMAIN = Path(__file__).parents[2] / "domain"
ALLOWED = {"domain", "eventsourcing.domain"}
IMPURE = {"random", "secrets", "time", "os", "socket", "subprocess", "asyncio"}
ASKS = {"now", "utcnow", "today", "uuid1", "uuid4", "uuid7"}


def violations(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                modules = [one.name for one in names]
            case ast.ImportFrom(module=str(module)):
                modules = [module]
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in ASKS:
                yield name
                continue
            case _:
                continue
        yield from (one for one in modules if not allowed(one))


def allowed(module: str) -> bool:
    root = module.partition(".")[0]
    return root == "domain" or module in ALLOWED or (root in sys.stdlib_module_names and root not in IMPURE)


@pytest.mark.parametrize("file", sorted(DOMAIN.rglob("*.py")), ids=lambda file: file.name)
def test_each_file_of_the_domain_is_pure(file: Path) -> None:
    assert list(violations(file.read_text())) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import asyncpg", ["asyncpg"]),
        ("from eventsourcing.postgres import Factory", ["eventsourcing.postgres"]),
        ("import random", ["random"]),
        ("from datetime import datetime\nat = datetime.now()", ["now"]),
        ("from uuid import uuid4\nid = uuid4()", ["uuid4"]),
    ],
)
def test_a_violation_is_seen(source: str, found: list[str]) -> None:
    assert list(violations(source)) == found
