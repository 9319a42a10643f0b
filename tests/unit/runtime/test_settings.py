"""Settings come from the environment; a fault is one sentence that names the setting and what to do."""

import pytest
from pydantic import Field, SecretStr

from services.runtime.settings import DatabaseSettings, KafkaSettings, SettingsError, TokenSettings, load

Environment = pytest.MonkeyPatch


class Whole(DatabaseSettings, KafkaSettings, TokenSettings):
    pages: int = Field(default=3, description="pages to read")


@pytest.fixture(autouse=True)
def empty(monkeypatch: Environment) -> None:
    for name in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS", "AUTH_JWKS_URL", "AUTH_JWT_SECRET", "PAGES"):
        monkeypatch.delenv(name, raising=False)


def test_settings_are_read_from_the_environment(monkeypatch: Environment) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:9092")
    monkeypatch.setenv("AUTH_JWKS_URL", "https://login.example.com/keys")
    settings = load(Whole)
    assert (settings.kafka_bootstrap_servers, str(settings.auth_jwks_url), settings.pages) == (
        "one:9092,two:9092",
        "https://login.example.com/keys",
        3,
    )


def test_each_fault_has_a_line_that_names_the_setting_and_says_what_it_is(monkeypatch: Environment) -> None:
    monkeypatch.setenv("PAGES", "many")
    with pytest.raises(SettingsError) as fault:
        load(Whole)
    assert str(fault.value).splitlines() == [
        "KAFKA_BOOTSTRAP_SERVERS: Field required. It is Kafka, as host:port, several separated by commas."
        " All settings are listed in .env.example.",
        "PAGES: Input should be a valid integer, unable to parse string as an integer. It is pages to read."
        " All settings are listed in .env.example.",
    ]


@pytest.mark.parametrize("given", ["kafka", "kafka:port", "one:9092, two:9092", "one:9092,"])
def test_kafkas_address_must_name_hosts_and_ports(monkeypatch: Environment, given: str) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", given)
    with pytest.raises(SettingsError, match=r"^KAFKA_BOOTSTRAP_SERVERS: .* It is Kafka, as host:port"):
        load(KafkaSettings)


def test_an_empty_value_is_no_value(monkeypatch: Environment) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "")
    with pytest.raises(SettingsError, match=r"^KAFKA_BOOTSTRAP_SERVERS: Field required"):
        load(KafkaSettings)


def test_a_secret_that_is_too_short_is_refused_and_not_repeated(monkeypatch: Environment) -> None:
    monkeypatch.setenv("AUTH_JWT_SECRET", "hunter2")
    with pytest.raises(SettingsError, match=r"^AUTH_JWT_SECRET: .*at least 32") as fault:
        load(TokenSettings)
    assert "hunter2" not in f"{fault.value!r} {fault.value.__cause__!r}"


def test_a_secret_does_not_show(monkeypatch: Environment) -> None:
    monkeypatch.setenv("AUTH_JWT_SECRET", "hunter2" * 5)
    assert "hunter2" not in repr(load(TokenSettings))


def test_a_services_own_database_wins_over_the_common_one(monkeypatch: Environment) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://common/x")
    settings = load(DatabaseSettings)
    assert settings.own_database(SecretStr("postgresql://own/x"), "INGEST_DATABASE_URL") == "postgresql://own/x"
    assert settings.own_database(None, "INGEST_DATABASE_URL") == "postgresql://common/x"


@pytest.mark.parametrize(("own", "named"), [("mysql://own/hunter2", "INGEST_DATABASE_URL"), (None, "DATABASE_URL")])
def test_a_database_that_is_none_is_named_and_not_repeated(
    monkeypatch: Environment, own: str | None, named: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "host=x password=hunter2")
    given = SecretStr(own) if own else None
    with pytest.raises(SettingsError, match=rf"^{named}: not a database URL\.") as fault:
        load(DatabaseSettings).own_database(given, "INGEST_DATABASE_URL")
    assert "hunter2" not in str(fault.value)


def test_no_database_at_all_is_said() -> None:
    with pytest.raises(SettingsError, match=r"^INGEST_DATABASE_URL: not set\. Set it, or DATABASE_URL, to postgresql:"):
        load(DatabaseSettings).own_database(None, "INGEST_DATABASE_URL")
