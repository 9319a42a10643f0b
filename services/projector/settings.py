"""The projector's settings."""

from pydantic import Field, SecretStr

from services.runtime.settings import DatabaseSettings, KafkaSettings, TokenSettings


class ProjectorDatabase(DatabaseSettings):
    """Where the projector's tables are."""

    projector_database_url: SecretStr | None = Field(default=None, description="PostgreSQL of the projector")

    @property
    def database(self) -> str:
        """The projector's database URL. Raises SettingsError where none is set."""
        return self.own_database(self.projector_database_url, "PROJECTOR_DATABASE_URL")


class ProjectorSettings(ProjectorDatabase, KafkaSettings, TokenSettings):
    """All that the projector needs."""
