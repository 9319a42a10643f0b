"""The calls that Bookstream makes to Calendly."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlsplit

import httpx2
import structlog
from pydantic import BaseModel, ValidationError

from services.ingest.calendly.budget import Budget
from services.ingest.calendly.errors import Refused, ScopesMissing, Unavailable
from services.ingest.calendly.models import EventType, Invitee, Organization, Page, ScheduledEvent, Subscription, User
from services.ingest.calendly.transport import Transport

log = structlog.get_logger(__name__)

Model = TypeVar("Model", bound=BaseModel)

EVENTS = ("invitee.created", "invitee.canceled")
PAGE = "100"
MOST_BUDGETS = 10_000
"""Tokens whose rate limit is remembered."""


class Calendly:
    """Calendly with one user's token."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def me(self) -> User:
        """Return the user that the token belongs to (scope `users:read`)."""
        return await self._one(User, "/users/me")

    async def organization(self, uri: str) -> Organization:
        """Return an organization with its plan (scope `organizations:read`)."""
        return await self._one(Organization, uri)

    async def event_types(self, user: User) -> list[EventType]:
        """Return the event types of a user, shared ones among them (scope `event_types:read`)."""
        return [one async for one in self._pages(EventType, "/event_types", {"user": user.uri})]

    def scheduled_events(
        self, whose: Mapping[str, str], *, min_start: datetime, max_start: datetime
    ) -> AsyncIterator[ScheduledEvent]:
        """Yield scheduled events in the order of their start, canceled ones among them.

        `whose` names a `user` or an `organization` by URI; a whole organization is for its owner and admins, others
        get PermissionDenied. `min_start` and `max_start` bound the start (scope `scheduled_events:read`).
        """
        bounds = {"min_start_time": _stamp(min_start), "max_start_time": _stamp(max_start)}
        query = {**whose, **bounds, "sort": "start_time:asc"}
        return self._pages(ScheduledEvent, "/scheduled_events", query, passing_over=True)

    async def invitees(self, event_uri: str) -> list[Invitee]:
        """Return all who booked a scheduled event, canceled ones among them (scope `scheduled_events:read`)."""
        path = f"{urlsplit(event_uri).path}/invitees"
        return [one async for one in self._pages(Invitee, path, {}, passing_over=True)]

    async def subscribe(self, user: User, *, url: str, signing_key: str | None) -> Subscription:
        """Create a webhook subscription of the user's own bookings. Raises AlreadyExists where the URL has one.

        Needs the scopes `webhooks:write` and `scheduled_events:read`. Without a signing key it is the OAuth app's own.
        """
        body: dict[str, object] = {
            "url": url,
            "events": list(EVENTS),
            "organization": user.current_organization,
            "user": user.uri,
            "scope": "user",
            **({"signing_key": signing_key} if signing_key else {}),
        }
        try:
            answer = await self._transport.send("POST", "/webhook_subscriptions", body=body)
        except Refused as error:
            # A 400 that blames no field but the events is how Calendly says that their read scope is missing.
            if error.status != 400 or set(error.parameters) - {"events"}:
                raise
            raise ScopesMissing(("scheduled_events:read",)) from None
        return _resource(Subscription, answer)

    async def subscriptions(self, user: User) -> list[Subscription]:
        """Return the user's own webhook subscriptions (scope `webhooks:read`)."""
        query = {"organization": user.current_organization, "user": user.uri, "scope": "user"}
        return [one async for one in self._pages(Subscription, "/webhook_subscriptions", query)]

    async def subscription(self, uri: str) -> Subscription:
        """Return a webhook subscription and how it does (scope `webhooks:read`). Raises NotFound where it is gone."""
        return await self._one(Subscription, uri)

    async def unsubscribe(self, uri: str) -> None:
        """Remove a webhook subscription (R1: ours, and nothing else). Raises NotFound where it is gone."""
        await self._transport.send("DELETE", uri)

    async def _one(self, kind: type[Model], uri: str) -> Model:
        return _resource(kind, await self._transport.send("GET", uri))

    async def _pages(
        self, kind: type[Model], path: str, query: dict[str, str], *, passing_over: bool = False
    ) -> AsyncIterator[Model]:
        """Yield all items; one that is not as documented is passed over and told of, or raises Unavailable."""
        token, seen = None, set[str]()
        while True:
            asked = {**query, "count": PAGE, **({"page_token": token} if token else {})}
            page = _valid(Page, await self._transport.send("GET", path, query=asked))
            for item in page.collection:
                try:
                    one = _valid(kind, item)
                except Unavailable as fault:
                    if not passing_over:
                        raise
                    log.warning("passed over", reason=str(fault), uri=item.get("uri"))
                else:
                    yield one
            token = page.pagination.next_page_token
            if token is None:
                return
            if token in seen:
                raise Unavailable(f"GET {path}: a page repeats itself")
            seen.add(token)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _resource(kind: type[Model], answer: object) -> Model:
    return _valid(kind, answer["resource"] if isinstance(answer, dict) and "resource" in answer else None)


def _valid(kind: type[Model], told: object) -> Model:
    try:
        return kind.model_validate(told)
    except ValidationError as fault:
        fields = ", ".join(sorted({str(one["loc"][0]) for one in fault.errors() if one["loc"]}))
        raise Unavailable(f"Calendly's {kind.__name__} is not as documented: {fields or 'it is missing'}") from None


CalendlyFor = Callable[[str], Calendly]
"""Makes a client for a token."""


@asynccontextmanager
async def open_calendly(api_url: str, *, patience: float = 15.0) -> AsyncIterator[CalendlyFor]:
    """Yield a maker of clients that share connections and, by token, a rate limit."""
    budget_of = lru_cache(maxsize=MOST_BUDGETS)(lambda _token: Budget())
    async with httpx2.AsyncClient(
        base_url=api_url, timeout=10.0, follow_redirects=False, headers={"User-Agent": "bookstream/1"}
    ) as http:
        yield lambda token: Calendly(Transport(http, token=token, budget=budget_of(token), patience=patience))
