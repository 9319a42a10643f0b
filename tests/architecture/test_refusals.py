"""Every problem that a service can answer is tested by its type: nobody meets a refusal that nobody has read."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TYPE = re.compile(r'(?:Problem\(|\()\s*(?:status|\d{3}),\s*"([a-z]+(?:-[a-z]+)*)"')


def answered() -> dict[str, str]:
    """Return the types of problems in the services' code, each with a file that has it."""
    return {
        name: str(path.relative_to(ROOT))
        for path in (ROOT / "services").rglob("*.py")
        for name in TYPE.findall(path.read_text(encoding="utf-8"))
    }


def untested(types: dict[str, str], tests: str) -> dict[str, str]:
    """Return those types that no test names."""
    return {name: where for name, where in types.items() if not re.search(rf"(?<![a-z-]){name}(?![a-z-])", tests)}


def test_every_type_of_problem_is_named_by_a_test() -> None:
    here = Path(__file__)
    tests = "".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("test_*.py")) if path != here
    )
    found = answered()
    assert found.keys() >= {"edit-in-calendly", "user-has-account", "scopes-missing", "choice-missing"}
    assert untested(found, tests) == {}


def test_the_guard_names_a_type_that_is_not_tested() -> None:
    assert untested({"no-such-refusal": "services/x.py"}, '"such-refusal" "no-such-refusal-at-all"') == {
        "no-such-refusal": "services/x.py"
    }
