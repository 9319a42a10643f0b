"""The table of rules is complete and true: each rule has code and tests, and they name it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULES = [f"R{number}" for number in range(1, 24)]


def table(text: str) -> dict[str, tuple[list[str], list[str]]]:
    """Return the linked files of code and of tests by rule."""
    rows = [line.split("|") for line in text.splitlines() if re.match(r"\| R\d+ ", line)]
    return {cells[1].strip(): (_links(cells[3]), _links(cells[4])) for cells in rows}


def _links(cell: str) -> list[str]:
    return re.findall(r"\]\(\.\./([^)]+)\)", cell)


def faults(text: str) -> list[str]:
    """Return what is wrong with a table."""
    rows = table(text)
    found = [f"{rule} has no row" for rule in RULES if rule not in rows]
    for rule, (code, tests) in rows.items():
        if not code or not tests:
            found.append(f"{rule} has no code or no tests")
        for path in [*code, *tests]:
            if not (ROOT / path).is_file():
                found.append(f"{rule}: {path} is not there")
            elif not re.search(rf"\b{rule}\b", (ROOT / path).read_text(encoding="utf-8")):
                found.append(f"{rule}: {path} does not name it")
    return found


def test_every_rule_is_linked_to_code_and_tests_that_name_it() -> None:
    assert faults((ROOT / "docs/rules.md").read_text(encoding="utf-8")) == []


def test_a_row_that_lacks_or_points_astray_is_found() -> None:
    # Given a table with one row, whose test is not there and whose code does not name the rule
    text = "| R1 | one-way | [plan](../domain/plan.py) | [gone](../tests/gone.py) |"
    # Then both are found, and the missing rows too
    found = faults(text)
    assert "R1: domain/plan.py does not name it" in found
    assert "R1: tests/gone.py is not there" in found
    assert "R23 has no row" in found
