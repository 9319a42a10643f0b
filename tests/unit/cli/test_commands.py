"""The command line: exit code 0 done, 1 could not be done and why, 2 wrong usage."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from typer.testing import CliRunner, Result

from services.cli.main import COMMANDS, app
from services.cli.token import ALL_SCOPES
from services.runtime import logs

SECRET = "a secret for tests, of enough letters"
ASKED = ("token", "--user", "u1", "--subaccounts", "s1, s2")


@pytest.fixture(autouse=True)
def own_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    # The commands run in this process here; its logging is not theirs to set up.
    monkeypatch.setattr(logs, "configure", lambda: None)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "PUBLIC_URL", "SECRETS_KEY", "AUTH_JWT_SECRET"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str) -> Result:
    # Wide, so that the framework's boxes break no words.
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, arguments)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps(name: str) -> None:
    helped = run(name, "--help")
    assert helped.exit_code == 0
    assert "Usage:" in helped.stdout


def test_help_lists_every_command_with_what_it_does() -> None:
    lines = [line.strip(" │") for line in run("--help").stdout.splitlines()]
    described = {line.split()[0]: line for line in lines if line.split()[:1] and line.split()[0] in COMMANDS}
    assert set(described) == set(COMMANDS)
    assert all(len(line.split()) > 3 for line in described.values())


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("migrations",),
        ("token",),
        ("migrate", "--quick"),
        ("ingest", "--port", "0"),
        ("ingest", "--only", "http,everything"),
        ("projector", "--only", "http"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_part_that_there_is_not_is_named_beside_those_there_are() -> None:
    said = run("projector", "--only", "api,everything").stderr
    assert "no such part: everything. There are: api, appointments, contacts." in said


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("migrate", "INGEST_DATABASE_URL: not set"),
        ("ingest", "PUBLIC_URL: Field required"),
        ("projector", "KAFKA_BOOTSTRAP_SERVERS: Field required"),
    ],
)
def test_a_missing_setting_is_named_and_ends_with_1(monkeypatch: pytest.MonkeyPatch, name: str, missing: str) -> None:
    if name == "migrate":
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    ended = run(name)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert missing in ended.stderr


def test_a_token_is_signed_with_the_secret_and_says_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_JWT_SECRET", SECRET)
    ended = run(*ASKED, "--scope", "contacts:read", "--hours", "2")
    claims = jwt.decode(ended.stdout.strip(), SECRET, algorithms=["HS256"])
    assert (claims["sub"], claims["subaccounts"], claims["scope"]) == ("u1", ["s1", "s2"], "contacts:read")
    left = datetime.fromtimestamp(claims["exp"], UTC) - datetime.now(UTC)
    assert timedelta(hours=1, minutes=58) < left <= timedelta(hours=2)


def test_a_token_may_be_for_all_subaccounts_and_has_all_scopes_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_JWT_SECRET", SECRET)
    claims = jwt.decode(run("token", "--user", "u1", "--subaccounts", "*").stdout.strip(), SECRET, algorithms=["HS256"])
    assert (claims["subaccounts"], claims["scope"]) == ("*", ALL_SCOPES)


def test_without_the_secret_there_is_no_token() -> None:
    ended = run(*ASKED)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr.startswith("bookstream: AUTH_JWT_SECRET: not set.")


def test_a_command_does_not_load_what_another_one_needs() -> None:
    # In a process of its own: here, other tests have loaded everything already.
    program = (
        "import sys; from typer.testing import CliRunner; from services.cli.main import app;"
        "CliRunner().invoke(app, ['token', '--help']);"
        "print([one for one in ('services.cli.token', 'services.ingest.process', 'faststream') if one in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['services.cli.token']"
