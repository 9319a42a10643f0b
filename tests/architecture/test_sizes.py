"""Small files and functions. A function is as long as its own body: no signature, docstring or inner function."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    file for package in ("domain", "contracts", "services", "devstack") for file in (ROOT / package).rglob("*.py")
)

LONGEST_FILE = 250
LONGEST_FUNCTION = 30
MEDIAN_FILE = 80
MEDIAN_FUNCTION = 12

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: str) -> Iterator[Function]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, Function))


def lines_of(node: ast.stmt) -> set[int]:
    assert node.end_lineno is not None
    return set(range(node.lineno, node.end_lineno + 1))


def size(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    own = {line for statement in body for line in lines_of(statement)}
    inner = {
        line
        for node in ast.walk(function)
        if isinstance(node, Function) and node is not function
        for line in lines_of(node)
    }
    return len(own - inner)


def too_long(source: str) -> list[str]:
    found = [f"{one.name}: {size(one)} lines" for one in functions(source) if size(one) > LONGEST_FUNCTION]
    lines = len(source.splitlines())
    return [f"file: {lines} lines", *found] if lines > LONGEST_FILE else found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_neither_a_file_nor_a_function_is_long(file: Path) -> None:
    assert too_long(file.read_text()) == []


def test_most_files_and_functions_are_short() -> None:
    sources = [text for text in (file.read_text() for file in FILES) if text]
    assert statistics.median(len(text.splitlines()) for text in sources) <= MEDIAN_FILE
    assert statistics.median(size(one) for text in sources for one in functions(text)) <= MEDIAN_FUNCTION


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1\n" * 250, []),
        ("x = 1\n" * 251, ["file: 251 lines"]),
        ("def f():\n" + "    x = 1\n" * 30, []),
        ("def f():\n" + "    x = 1\n" * 31, ["f: 31 lines"]),
        ("class C:\n  async def f(self):\n" + "    x = 1\n" * 31, ["f: 31 lines"]),
        ("def f(\n    *,\n    a,\n):\n    '''Told.\n\n    More.\n    '''\n" + "    x = 1\n" * 30, []),
        ("def f():\n    def g():\n" + "        x = 1\n" * 30 + "    return g\n", []),
        ("def f():\n    def g():\n" + "        x = 1\n" * 31 + "    return g\n", ["g: 31 lines"]),
    ],
)
def test_what_is_too_long_is_seen(source: str, found: list[str]) -> None:
    assert too_long(source) == found
