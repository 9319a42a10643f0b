"""What there is at Calendly."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

API = "https://api.calendly.com"
"""Resource URIs are names; requests for them come here with their path."""

SCOPES = ("users:read", "organizations:read", "event_types:read", "scheduled_events:read", "webhooks:write")


def uri(kind: str) -> str:
    """Return a new resource URI."""
    return f"{API}/{kind}/{uuid.uuid4()}"


def now() -> datetime:
    """Return the present."""
    return datetime.now(UTC)


@dataclass(kw_only=True)
class Organization:
    """An organization and its plan."""

    name: str
    plan: str
    stage: str = "paid"
    uri: str = field(default_factory=lambda: uri("organizations"))
    created_at: datetime = field(default_factory=now)


@dataclass(kw_only=True)
class User:
    """A user; `role` is user, admin or owner."""

    name: str
    email: str
    organization: str
    role: str = "user"
    uri: str = field(default_factory=lambda: uri("users"))
    created_at: datetime = field(default_factory=now)


@dataclass(kw_only=True)
class Token:
    """An access token; `app` is the OAuth client that has it; `fault` is why it is refused, None while it is good."""

    user: str
    scopes: frozenset[str]
    fault: str | None = None
    app: str | None = None
    expires_at: datetime | None = None


@dataclass(kw_only=True)
class EventType:
    """An event type; `owner` is its profile's, a user or a team. `duration` is in minutes."""

    name: str
    organization: str
    owner: str
    hosts: list[str]
    kind: str = "solo"
    pooling_type: str | None = None
    active: bool = True
    deleted_at: datetime | None = None
    limit: int = 1
    duration: int = 30
    uri: str = field(default_factory=lambda: uri("event_types"))
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)


@dataclass(kw_only=True)
class ScheduledEvent:
    """A scheduled event with its hosts; `cancellation` as it is shown, None while the event goes on."""

    event_type: str
    name: str
    hosts: list[str]
    starts_at: datetime
    ends_at: datetime
    limit: int
    status: str = "active"
    cancellation: dict[str, object] | None = None
    uri: str = field(default_factory=lambda: uri("scheduled_events"))
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)


@dataclass(kw_only=True)
class Invitee:
    """One person's booking of a scheduled event."""

    event: str
    name: str
    email: str
    created_at: datetime
    updated_at: datetime
    first_name: str | None = None
    last_name: str | None = None
    timezone: str | None = "Europe/Oslo"
    status: str = "active"
    rescheduled: bool = False
    old_invitee: str | None = None
    new_invitee: str | None = None
    cancellation: dict[str, object] | None = None
    uri: str = ""


@dataclass(kw_only=True)
class Subscription:
    """A webhook subscription; the signing key is never told."""

    url: str
    events: list[str]
    scope: str
    organization: str
    user: str | None
    creator: str
    signing_key: str | None
    state: str = "active"
    retry_started_at: datetime | None = None
    uri: str = field(default_factory=lambda: uri("webhook_subscriptions"))
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
