"""The newest finding of each benchmark, kept as data beside the page and the plot that are drawn from it."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.measuring import Finding
from benchmarks.plot import svg
from benchmarks.report import page

ORDER = ("intake", "import", "live", "rebuild", "growth", "latency")


class Kept(msgspec.Struct):
    """All findings, and the machine they are from."""

    machine: list[str]
    findings: list[Finding]


def keep(finding: Finding, *, folder: Path, machine: Sequence[str]) -> None:
    """Put a finding in the place of the one before, and draw page and plot anew.

    Findings of another machine, or of other versions, are dropped: they are not to be compared.
    """
    data = folder / "benchmarks.json"
    known = msgspec.json.decode(data.read_bytes(), type=Kept) if data.exists() else Kept(list(machine), [])
    others = known.findings if known.machine == list(machine) else []
    by_key = {one.key: one for one in (*others, finding)}
    found = {key: by_key[key] for key in ORDER if key in by_key}
    folder.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(Kept(list(machine), list(found.values()))), indent=1)
    data.write_bytes(text + b"\n")
    (folder / "benchmarks.md").write_text(page(found, machine=machine), encoding="utf-8")
    (folder / "benchmarks.svg").write_text(svg(found), encoding="utf-8")
