"""Settings come from the environment and are read once, at start (DESIGN 4)."""

from typing import TypeVar

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """Settings are missing or malformed; the message has one line for each, naming it and what to do."""


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)


class KafkaSettings(_Settings):
    """Where Kafka is."""

    kafka_bootstrap_servers: str = Field(
        pattern=r"^[^\s,]+:\d+(,[^\s,]+:\d+)*$", description="Kafka, as host:port, several separated by commas"
    )


class TokenSettings(_Settings):
    """How callers are known."""

    auth_jwks_url: AnyHttpUrl | None = Field(default=None, description="where the keys of access tokens are published")
    auth_jwt_secret: SecretStr | None = Field(
        default=None, min_length=32, description="an HS256 secret of 32 characters or more, for development"
    )


class DatabaseSettings(_Settings):
    """Where PostgreSQL is."""

    database_url: SecretStr | None = Field(default=None, description="PostgreSQL of both services")

    def own_database(self, own: SecretStr | None, name: str) -> str:
        """Return a service's own database URL, else the common one. Raises SettingsError."""
        chosen = own or self.database_url
        if chosen is None:
            raise SettingsError(f"{name}: not set. Set it, or DATABASE_URL, to postgresql://user:password@host/name.")
        url = chosen.get_secret_value()
        if not url.startswith(("postgresql://", "postgres://")):
            set_one = name if own else "DATABASE_URL"
            raise SettingsError(f"{set_one}: not a database URL. Set it to postgresql://user:password@host/name.")
        return url


Settings = TypeVar("Settings", bound=BaseSettings)


def load(kind: type[Settings]) -> Settings:
    """Read settings of a kind from the environment. Raises SettingsError with a line for each that is at fault."""
    try:
        return kind()
    except ValidationError as fault:
        raise SettingsError("\n".join(_line(kind, one["loc"], one["msg"]) for one in fault.errors())) from None


def _line(kind: type[BaseSettings], where: tuple[int | str, ...], fault: str) -> str:
    name = str(where[0]) if where else "settings"
    field = kind.model_fields.get(name)
    meaning = f" It is {field.description}." if field and field.description else ""
    return f"{name.upper()}: {fault}.{meaning} All settings are listed in .env.example."
