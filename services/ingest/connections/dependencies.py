"""What the use cases of connections work with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.ingest.calendly.client import CalendlyFor
from services.ingest.connections.rows import Row, Rows
from services.ingest.event_store import EventStore
from services.ingest.secrets.vault import Vault


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """Opened by the composition root; `public_url` is where Calendly reaches the webhook."""

    store: EventStore
    rows: Rows
    vault: Vault
    calendly: CalendlyFor
    clock: Callable[[], datetime]
    public_url: str

    def token_of(self, row: Row) -> str:
        """Return a connection's token. Raises SecretUnreadable."""
        return self.vault.open(row.token, owner=row.id).decode()
