"""Ingest's settings (DESIGN 4). All are listed, with meaning and default, in .env.example."""

import base64
import binascii
from typing import Literal

from pydantic import AnyHttpUrl, Field, SecretStr, field_validator

from services.ingest.calendly.oauth import CALLBACK, OAuthApp
from services.runtime.settings import DatabaseSettings, KafkaSettings, TokenSettings


class IngestDatabase(DatabaseSettings):
    """Where ingest's tables are."""

    ingest_database_url: SecretStr | None = Field(default=None, description="PostgreSQL of ingest")

    @property
    def database(self) -> str:
        """Ingest's database URL. Raises SettingsError where none is set."""
        return self.own_database(self.ingest_database_url, "INGEST_DATABASE_URL")


class IngestSettings(IngestDatabase, KafkaSettings, TokenSettings):
    """All that ingest needs."""

    public_url: AnyHttpUrl = Field(description="where Calendly reaches this service, such as https://sync.example.com")
    calendly_api_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://api.calendly.com"), description="Calendly's API; requests go nowhere else"
    )
    calendly_auth_url: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://auth.calendly.com"), description="Calendly's OAuth: where users allow access"
    )
    calendly_client_id: str | None = Field(default=None, description="the OAuth app's id; without it only tokens")
    calendly_client_secret: SecretStr | None = Field(default=None, description="the OAuth app's secret")
    calendly_webhook_signing_key: SecretStr | None = Field(
        default=None,
        description="signs the deliveries of connections made by OAuth; Calendly makes it with the app",
    )
    secrets_key: SecretStr = Field(
        description="encrypts stored tokens: base64 of 32 bytes, several separated by commas, the first one encrypts"
    )
    reconnect_import: Literal["window", "forward"] = Field(
        default="window", description="what a calendar that is selected again brings back (DESIGN 2)"
    )
    reconcile_every: float = Field(default=300, gt=0, description="seconds between two comparisons with Calendly")

    @field_validator("secrets_key")
    @classmethod
    def _check_keys(cls, given: SecretStr) -> SecretStr:
        for key in given.get_secret_value().split(","):
            if not _is_key(key.strip()):
                raise ValueError("must be base64 of 32 bytes; make one with 'openssl rand -base64 32'")
        return given

    @property
    def oauth_app(self) -> OAuthApp | None:
        """The OAuth app; None unless its id, secret and signing key are all set."""
        secret, key = self.calendly_client_secret, self.calendly_webhook_signing_key
        if not (self.calendly_client_id and secret and key):
            return None
        return OAuthApp(
            client_id=self.calendly_client_id,
            client_secret=secret.get_secret_value(),
            signing_key=key.get_secret_value(),
            redirect_uri=f"{str(self.public_url).rstrip('/')}{CALLBACK}",
        )

    @property
    def oauth_missing(self) -> tuple[str, ...]:
        """The settings to make before accounts can be connected by OAuth."""
        needed = ("calendly_client_id", "calendly_client_secret", "calendly_webhook_signing_key")
        return tuple(name.upper() for name in needed if not getattr(self, name))

    @property
    def secret_keys(self) -> tuple[bytes, ...]:
        """The keys, each of 32 bytes; the first one encrypts."""
        return tuple(base64.b64decode(key.strip()) for key in self.secrets_key.get_secret_value().split(","))


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 32
    except binascii.Error:
        return False
