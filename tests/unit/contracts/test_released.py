"""What was released is never broken: today's schemas are compared with those of every release."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from bookstream_contracts.compatibility import breaking_changes
from bookstream_contracts.schemas import schemas, stem

RELEASED = Path(__file__).parents[3] / "contracts" / "released"
FILES = sorted(RELEASED.glob("*/*.json"))
named = pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")


def today() -> dict[str, Any]:
    return {f"{stem(name)}.json": schema for name, schema in schemas().items()}


@named
def test_who_reads_a_released_version_reads_todays(file: Path) -> None:
    released, now = json.loads(file.read_text(encoding="utf-8")), today()
    assert file.name in now, f"{file.name} was released, and no event may go"
    assert breaking_changes(released, now[file.name]) == []


@named
def test_the_gate_refuses_a_field_that_goes_or_becomes_another(file: Path) -> None:
    # Given a released schema, and a next version of it that lost a field, or has it of another kind
    released = json.loads(file.read_text(encoding="utf-8"))
    field = next(iter(released["properties"]))
    lost = {name: meaning for name, meaning in released["properties"].items() if name != field}
    changed = {**released["properties"], field: {"type": "boolean"}}
    # When it is compared, then the gate names the field
    for properties in (lost, changed):
        (said, *_) = breaking_changes(released, {**released, "properties": properties})
        assert f"'{field}'" in said


def test_a_release_is_never_edited() -> None:
    lines = (RELEASED / "CHECKSUMS").read_text(encoding="ascii").splitlines()
    written = {path: checksum for checksum, path in (line.split("  ") for line in lines)}
    there = {one.relative_to(RELEASED).as_posix(): hashlib.sha256(one.read_bytes()).hexdigest() for one in FILES}
    assert there == written, (
        "A release is what other teams read. Put the old file back; for a new release copy schemas/ into a folder of "
        "its own here and add the checksums: sha256sum */*.json > CHECKSUMS"
    )
    assert FILES
