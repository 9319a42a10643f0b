"""Which package may know which: import-linter's contracts hold, and each is seen to break when it is violated."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "services", "devstack", "contracts/bookstream_contracts")
LINT_IMPORTS = str(Path(sys.executable).with_name("lint-imports"))
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]

ARROWS = {
    "domain": {"services", "devstack", "bookstream_contracts"},
    "bookstream_contracts": {"domain", "services", "devstack"},
    "services.projector": {"domain", "services.ingest", "services.cli", "devstack"},
    "services.ingest": {"services.projector", "services.cli", "devstack"},
    "services.runtime": {"domain", "services.ingest", "services.projector", "services.cli", "devstack"},
    "devstack": {"domain", "services"},
}
"""What each package must not know of ours, whatever pyproject.toml says."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages, so that violations can be put into it."""
    made = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", made)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, made / Path(package).name, ignore=shutil.ignore_patterns("__pycache__"))
    return made


def lint(folder: Path) -> tuple[int, str]:
    """Run the linter on the packages in a folder; the first place on the path is what makes it take these."""
    run = subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--no-logo"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "500"},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


@contextmanager
def violating(folder: Path, module: str, imports: list[str]) -> Iterator[None]:
    """Put a file into a package that imports what it must not."""
    file = folder / module.replace(".", "/") / "violation.py"
    file.write_text("".join(f"import {one}\n" for one in imports))
    try:
        yield
    finally:
        file.unlink()


def test_all_contracts_hold(copy: Path) -> None:
    code, said = lint(copy)
    assert code == 0, said
    assert re.search(rf"Contracts: {len(CONTRACTS)} kept, 0 broken\.", said)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["name"])
def test_a_contract_breaks_for_each_module_that_it_forbids(copy: Path, contract: dict[str, Any]) -> None:
    for source in contract["source_modules"]:
        with violating(copy, source, contract["forbidden_modules"]):
            code, said = lint(copy)
        assert code == 1
        assert f"{contract['name']} BROKEN" in said
        found = set(re.findall(rf"{re.escape(source)}\.violation -> ([\w.]+) \(l\.\d+\)", said))
        assert found >= set(contract["forbidden_modules"])


def test_the_contracts_forbid_what_the_layout_forbids() -> None:
    forbidden = {source: set(one["forbidden_modules"]) for one in CONTRACTS for source in one["source_modules"]}
    assert {source: ours & forbidden.get(source, set()) for source, ours in ARROWS.items()} == ARROWS
