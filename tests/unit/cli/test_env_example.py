""".env.example lists every setting there is, and works as it stands."""

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from services.ingest.settings import IngestSettings
from services.projector.settings import ProjectorSettings
from services.runtime.settings import load

EXAMPLE = Path(__file__).parents[3] / ".env.example"
SERVICES: tuple[type[BaseSettings], ...] = (IngestSettings, ProjectorSettings)
FIELDS = {name.upper(): field for service in SERVICES for name, field in service.model_fields.items()}


def listed() -> dict[str, str]:
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))


def given() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))


def test_it_lists_the_settings_that_there_are_and_no_others() -> None:
    assert sorted(listed()) == sorted(FIELDS)


def test_what_must_be_set_is_given() -> None:
    required = {name for name, field in FIELDS.items() if field.is_required()}
    assert required <= set(given())


def test_what_is_commented_out_shows_the_default() -> None:
    shown = {name: listed()[name] for name in listed().keys() - given().keys() if FIELDS[name].default is not None}
    assert shown == {name: str(FIELDS[name].default).rstrip("/") for name in shown}
    assert {"RECONNECT_IMPORT", "RECONCILE_EVERY", "CALENDLY_API_URL"} <= set(shown)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_be_set_up_with_it_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, service: type[BaseSettings]
) -> None:
    for name in FIELDS:
        monkeypatch.delenv(name, raising=False)
    for name, value in given().items():
        monkeypatch.setenv(name, value)
    assert isinstance(load(service), service)
