"""Programs get JSON lines, people a table; an error that is foreseen is one message and exit code 1."""

import json
import sys
from typing import Any

import pytest
import typer
from aiokafka.errors import KafkaConnectionError
from asyncpg.exceptions import UndefinedTableError
from psycopg import OperationalError

from services.cli.output import show, telling_failures
from services.runtime.settings import SettingsError

ROWS: list[dict[str, Any]] = [{"name": "one", "lag": 0}, {"name": "two", "lag": None}]


def shown(capsys: pytest.CaptureFixture[str], *, rows: list[dict[str, Any]] = ROWS, as_json: bool = False) -> list[str]:
    show(rows, title="projections", empty="There are none.", as_json=as_json)
    return capsys.readouterr().out.splitlines()


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")  # no colours
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)


def test_elsewhere_than_at_a_terminal_each_row_is_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert [json.loads(line) for line in shown(capsys)] == ROWS


def test_at_a_terminal_it_is_a_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    lines = shown(capsys)
    assert lines[0].strip() == "projections"
    assert [word for word in lines[2].split() if word.isalpha()] == ["name", "lag"]
    assert any("one" in line and "0" in line for line in lines)


def test_at_a_terminal_it_can_be_json_all_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch)
    assert [json.loads(line) for line in shown(capsys, as_json=True)] == ROWS


def test_no_rows_are_no_lines_for_a_program_and_a_sentence_for_a_person(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(capsys, rows=[]) == []
    at_a_terminal(monkeypatch)
    assert shown(capsys, rows=[]) == ["There are none."]


class Foreseen(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SettingsError("PUBLIC_URL: not set."), "bookstream: PUBLIC_URL: not set."),
        (Foreseen("Choose another."), "bookstream: Choose another."),
        (
            KafkaConnectionError("kafka:9092"),
            "bookstream: Kafka does not answer (KafkaConnectionError). Check KAFKA_BOOTSTRAP_SERVERS and that it runs.",
        ),
        (
            UndefinedTableError("hunter2"),
            "bookstream: PostgreSQL refused (UndefinedTableError). Check the database URL and that 'bookstream migrate'"
            " ran.",
        ),
        (
            OperationalError("password hunter2 is wrong"),
            "bookstream: PostgreSQL does not answer, or refuses the login. Check the database URL and that it runs.",
        ),
        (
            ConnectionRefusedError(111, "Connect call failed"),
            "bookstream: [Errno 111] Connect call failed. Check the addresses in the settings.",
        ),
    ],
)
def test_an_error_that_is_foreseen_is_told_and_ends_with_1(
    capsys: pytest.CaptureFixture[str], error: Exception, said: str
) -> None:
    with pytest.raises(typer.Exit) as end, telling_failures(Foreseen):
        raise error
    assert end.value.exit_code == 1
    assert capsys.readouterr().err == f"{said}\n"


def test_an_error_that_nobody_foresaw_is_not_hidden() -> None:
    with pytest.raises(Foreseen), telling_failures():
        raise Foreseen
