"""What the stand-in holds, in memory."""

import itertools
import secrets
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields

from devstack.calendly.model import SCOPES, EventType, Invitee, Organization, ScheduledEvent, Subscription, Token, User


@dataclass
class State:
    """Everything but what OAuth and the deliveries keep."""

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

    def sample_names(self) -> Iterator[int]:
        """Return numbers for made-up people."""
        return itertools.count(len(self.invitees) + 1)

    def summary(self) -> dict[str, int]:
        """Return how many there are of each."""
        return {one.name: len(getattr(self, one.name)) for one in fields(self) if one.name != "by_event"}

    def clear(self) -> None:
        """Forget everything."""
        for one in fields(self):
            getattr(self, one.name).clear()
