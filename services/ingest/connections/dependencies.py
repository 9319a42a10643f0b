"""What the use cases of connections work with."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg

from services.ingest.calendly.client import Calendly, CalendlyFor, open_calendly
from services.ingest.calendly.oauth import OAuth, open_oauth
from services.ingest.connections.access import Access
from services.ingest.connections.rows import Row, Rows
from services.ingest.event_store import EventStore
from services.ingest.secrets.vault import Vault
from services.ingest.settings import IngestSettings

SUBSCRIBING = 3
"""Subscriptions replaced at once: each holds a connection of the pool, and must find another one."""


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """Opened by the composition root; `public_url` is where Calendly reaches the webhook."""

    pool: asyncpg.Pool
    store: EventStore
    rows: Rows
    vault: Vault
    access: Access
    oauth: OAuth | None
    calendly: CalendlyFor
    clock: Callable[[], datetime]
    public_url: str
    subscribing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SUBSCRIBING))

    async def calendly_of(self, row: Row) -> Calendly:
        """Return Calendly with a connection's own token. Raises as `Access.access_token` does."""
        return self.calendly(await self.access.access_token(row))

    @property
    def app_key(self) -> str | None:
        """The key that signs all deliveries of the OAuth app."""
        return self.oauth.app.signing_key if self.oauth else None

    def signing_key(self, *, of_app: bool) -> tuple[str, str | None]:
        """Return the key of a new subscription, and what to tell Calendly: nothing where the app's own key signs."""
        if of_app and self.app_key:
            return self.app_key, None
        made = secrets.token_urlsafe(32)
        return made, made


@asynccontextmanager
async def open_dependencies(
    settings: IngestSettings, pool: asyncpg.Pool, store: EventStore, *, patience: float = 15.0
) -> AsyncIterator[Dependencies]:
    """Open what the use cases work with; `patience` is the seconds that a call waits for Calendly."""
    vault = Vault(settings.secret_keys)
    async with (
        open_calendly(str(settings.calendly_api_url), patience=patience) as calendly,
        open_oauth(settings.oauth_app, auth_url=str(settings.calendly_auth_url)) as oauth,
    ):
        yield Dependencies(
            pool=pool,
            store=store,
            rows=Rows(pool),
            vault=vault,
            access=Access(pool, vault=vault, oauth=oauth, clock=_now),
            oauth=oauth,
            calendly=calendly,
            clock=_now,
            public_url=str(settings.public_url),
        )


def _now() -> datetime:
    return datetime.now(UTC)
