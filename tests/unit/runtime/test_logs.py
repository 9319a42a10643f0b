"""Logs are JSON lines on standard error, the libraries' too; of an error they say kind and place, never its message."""

import json
import subprocess
import sys
from typing import Any

import pytest

LOGS = """
import logging, sys, structlog
from services.runtime import logs
logs.configure()
log = structlog.get_logger()

def fails():
    raise ValueError("guest Lena Vogt is there already")

def failure():
    try:
        fails()
    except ValueError as error:
        return error
"""


def logged(program: str) -> list[dict[str, Any]]:
    run = subprocess.run([sys.executable, "-c", LOGS + program], capture_output=True, text=True, check=True)
    assert run.stdout == ""
    return [json.loads(line) for line in run.stderr.splitlines()]


def test_a_line_has_what_was_said_when_and_how_grave_it_is() -> None:
    [line] = logged("log.info('imported', bookings=3)")
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "imported", "level": "info", "bookings": 3}


def test_what_is_bound_to_the_context_is_on_every_line() -> None:
    lines = logged(
        "structlog.contextvars.bind_contextvars(part='relay'); log.warning('one'); logging.getLogger('x').error('two')"
    )
    assert [(line["event"], line["part"]) for line in lines] == [("one", "relay"), ("two", "relay")]


def test_libraries_speak_from_warnings_on_in_the_same_form() -> None:
    [line] = logged(
        "library = logging.getLogger('aiokafka'); library.info('chatter'); library.warning('no %s', 'broker')"
    )
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "no broker", "level": "warning", "logger": "aiokafka"}


@pytest.mark.parametrize(
    "program",
    [
        "log.error('failed', exc_info=failure())",
        "try: fails()\nexcept ValueError: log.exception('failed')",
        "try: fails()\nexcept ValueError: logging.getLogger('uvicorn.error').exception('failed')",
        "log.error('failed', **logs.told(failure()))",
    ],
)
def test_of_an_error_kind_and_place_are_told_but_not_its_message(program: str) -> None:
    [line] = logged(program)
    assert (line["event"], line["level"], line["error"]) == ("failed", "error", "ValueError")
    assert line["where"][-1].endswith(" fails")
    assert "Lena" not in json.dumps(line)


def test_an_error_that_ends_the_process_is_told_in_the_same_way() -> None:
    run = subprocess.run([sys.executable, "-c", LOGS + "fails()"], capture_output=True, text=True, check=False)
    [line] = [json.loads(one) for one in run.stderr.splitlines()]
    assert (run.returncode, line["level"], line["error"]) == (1, "critical", "ValueError")
    assert "Lena" not in run.stderr
