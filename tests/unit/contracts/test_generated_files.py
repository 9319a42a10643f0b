"""What is committed under contracts/ is what the models say, and nothing else."""

import json
from pathlib import Path

import pytest
from bookstream_contracts import EVENTS
from bookstream_contracts.examples import examples
from bookstream_contracts.generate import Breaks, files, write
from bookstream_contracts.schemas import dataschema, schemas, stem
from jsonschema import Draft202012Validator, ValidationError

CONTRACTS = Path(__file__).parents[3] / "contracts"
BOOKING = "bookstream.BookingImported.v1"


def committed() -> dict[str, str]:
    found = {path.relative_to(CONTRACTS): path.read_text(encoding="utf-8") for path in CONTRACTS.rglob("*.json")}
    return {str(path): text for path, text in found.items() if path.parts[0] not in {"histories", "released"}}


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((CONTRACTS / dataschema(name)).read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_committed_files_are_those_that_the_models_make() -> None:
    assert committed() == files(), "run: .venv/bin/python -m bookstream_contracts.generate"


def test_writing_makes_the_same_files_anew(tmp_path: Path) -> None:
    write(tmp_path)
    assert {str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*.json")} == set(files())


@pytest.mark.parametrize("name", EVENTS)
def test_an_example_is_valid_by_the_committed_schema_and_reads_as_its_event(name: str) -> None:
    example = json.loads((CONTRACTS / f"examples/{stem(name)}.json").read_text(encoding="utf-8"))
    validator(name).validate(example)
    assert EVENTS[name].model_validate(example) == examples()[name]


@pytest.mark.parametrize("name", EVENTS)
def test_a_schema_refuses_an_event_that_lacks_any_field_without_a_default(name: str) -> None:
    example = examples()[name].model_dump(mode="json")
    for field in schemas()[name]["required"]:
        with pytest.raises(ValidationError, match=f"'{field}' is a required property"):
            validator(name).validate({key: value for key, value in example.items() if key != field})


def test_a_time_on_the_wire_is_said_to_be_one() -> None:
    assert schemas()[BOOKING]["properties"]["starts_at"] == {
        "format": "date-time",
        "title": "Starts At",
        "type": "string",
    }


def test_a_schema_that_would_break_its_readers_is_not_written_and_nothing_else_is(tmp_path: Path) -> None:
    # given a committed schema with a field that the model has no longer
    released = schemas()[BOOKING]
    released["properties"]["location"] = {"type": "string"}
    target = tmp_path / dataschema(BOOKING)
    target.parent.mkdir()
    target.write_text(json.dumps(released), encoding="utf-8")
    # when, then
    with pytest.raises(Breaks, match=r"BookingImported\.v1\.json: field 'location' of the event is gone\. Leave this"):
        write(tmp_path)
    assert [one.name for one in tmp_path.rglob("*.json")] == ["BookingImported.v1.json"]
