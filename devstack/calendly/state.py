"""What the stand-in holds, in memory."""

import itertools
import secrets
import uuid
from collections.abc import Iterable
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
    """An access token; `fault` is why it is refused, None while it is good."""

    user: str
    scopes: frozenset[str]
    fault: str | None = None


@dataclass(kw_only=True)
class EventType:
    """An event type; `owner` is its profile's, a user or a team."""

    name: str
    organization: str
    owner: str
    hosts: list[str]
    kind: str = "solo"
    pooling_type: str | None = None
    active: bool = True
    deleted_at: datetime | None = None
    limit: int = 1
    uri: str = field(default_factory=lambda: uri("event_types"))
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)


@dataclass(kw_only=True)
class ScheduledEvent:
    """A scheduled event with its hosts."""

    event_type: str
    name: str
    hosts: list[str]
    starts_at: datetime
    ends_at: datetime
    limit: int
    status: str = "active"
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


@dataclass
class State:
    """Everything."""

    organizations: dict[str, Organization] = field(default_factory=dict[str, Organization])
    users: dict[str, User] = field(default_factory=dict[str, User])
    tokens: dict[str, Token] = field(default_factory=dict[str, Token])
    event_types: dict[str, EventType] = field(default_factory=dict[str, EventType])
    events: dict[str, ScheduledEvent] = field(default_factory=dict[str, ScheduledEvent])
    invitees: dict[str, Invitee] = field(default_factory=dict[str, Invitee])
    by_event: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    subscriptions: dict[str, Subscription] = field(default_factory=dict[str, Subscription])

    def new_token(self, user: str, scopes: Iterable[str] = SCOPES) -> str:
        """Make a personal access token for a user."""
        token = f"pat-{secrets.token_urlsafe(24)}"
        self.tokens[token] = Token(user=user, scopes=frozenset(scopes))
        return token

    def add_invitee(self, invitee: Invitee) -> Invitee:
        """Add a booking to its event and name it."""
        invitee.uri = f"{invitee.event}/invitees/{uuid.uuid4()}"
        self.invitees[invitee.uri] = invitee
        self.by_event.setdefault(invitee.event, []).append(invitee.uri)
        return invitee

    def invitees_of(self, event: str) -> list[Invitee]:
        """Return an event's bookings, oldest first."""
        return [self.invitees[one] for one in self.by_event.get(event, ())]

    def sample_names(self) -> "itertools.count[int]":
        """Return numbers for made-up people."""
        return itertools.count(len(self.invitees) + 1)
