"""The contracts are a distribution of their own: built, and used away from this tree."""

import json
import subprocess
import sys
from pathlib import Path

from bookstream_contracts import EVENTS, TOPICS
from bookstream_contracts.generate import files

CONTRACTS = Path(__file__).parents[3] / "contracts"

BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
USE = """
import json, sys
sys.path = [one for one in sys.path if not one.startswith(sys.argv[2])]
sys.path.insert(0, sys.argv[1])
import bookstream_contracts as contracts
from bookstream_contracts.generate import files
print(json.dumps([contracts.__file__, list(contracts.EVENTS), [one.name for one in contracts.TOPICS], len(files())]))
"""


def python(*arguments: str, cwd: Path) -> str:
    command = [sys.executable, "-I", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout.strip()


def test_a_wheel_of_the_contracts_works_without_the_rest(tmp_path: Path) -> None:
    wheel = tmp_path / python("-c", BUILD, str(tmp_path), cwd=CONTRACTS).splitlines()[-1]
    root = str(CONTRACTS.parent)
    used = [str(wheel), f"{root}/contracts"]
    place, events, topics, made = json.loads(python("-c", USE, *used, cwd=tmp_path))
    assert Path(place).is_relative_to(wheel)
    assert (events, topics, made) == (list(EVENTS), [topic.name for topic in TOPICS], len(files()))
