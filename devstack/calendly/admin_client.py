"""A client of the stand-in's admin interface, for the demo and the tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import httpx2

EXPIRED = "The access token expired"
REVOKED = "The access token was revoked"


class AdminRefused(Exception):
    """The stand-in refused; the message shows its answer."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user at Calendly and a personal access token."""

    uri: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Booked:
    """A booking: the invitee and its scheduled event."""

    event: str
    invitee: str


@dataclass(frozen=True, kw_only=True)
class OAuthApp:
    """An OAuth app; native apps have no secret."""

    client_id: str
    client_secret: str | None
    webhook_signing_key: str


class CalendlyAdmin:
    """Drives a stand-in. All calls raise AdminRefused. The fields of `facts` are those of the admin models."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> "AsyncIterator[CalendlyAdmin]":
        """Connect to the stand-in at a URL."""
        async with httpx2.AsyncClient(base_url=url, timeout=60) as http:
            yield cls(http)

    async def organization(self, **facts: Any) -> str:
        """Make an organization; return its URI."""
        return (await self._call("POST", "/admin/organizations", facts))["uri"]

    async def user(self, organization: str, name: str, **facts: Any) -> Account:
        """Make a user with a token."""
        email = f"{name.lower().replace(' ', '.')}@studio.example"
        body = {"organization": organization, "name": name, "email": email, **facts}
        return Account(**await self._call("POST", "/admin/users", body))

    async def token(self, user: str, **facts: Any) -> str:
        """Make one more personal access token of a user."""
        return (await self._call("POST", "/admin/tokens", {"user": user, **facts}))["token"]

    async def event_type(self, organization: str, name: str, *, hosts: list[Account], **facts: Any) -> str:
        """Make an event type; return its URI. Without `owner` it belongs to a team."""
        body = {"organization": organization, "name": name, "hosts": [host.uri for host in hosts], **facts}
        return (await self._call("POST", "/admin/event_types", body))["uri"]

    async def book(self, event_type: str, *invitees: tuple[str, str], **facts: Any) -> list[Booked]:
        """Book for people (name, e-mail), or for `count` made-up ones."""
        people = [{"name": name, "email": email} for name, email in invitees]
        answer = await self._call("POST", "/admin/bookings", {"event_type": event_type, "invitees": people, **facts})
        return [_booked(one) for one in answer["bookings"]]

    async def cancel(self, invitee: str, *, by: Literal["invitee", "host"] = "invitee", **facts: Any) -> None:
        """Cancel a booking."""
        await self._call("POST", "/admin/cancellations", {"invitee": invitee, "by": by, **facts})

    async def cancel_event(self, event: str, **facts: Any) -> int:
        """Cancel an event with all its bookings, as its host; return how many."""
        answer = await self._call("POST", "/admin/cancellations", {"event": event, "by": "host", **facts})
        return answer["canceled"]

    async def reschedule(self, invitee: str, **facts: Any) -> Booked:
        """Reschedule a booking; return the new one."""
        return _booked(await self._call("POST", "/admin/reschedulings", {"invitee": invitee, **facts}))

    async def behave(self, **facts: Any) -> None:
        """Say how deliveries behave from now on; with nothing said they are as at the start."""
        await self._call("POST", "/admin/deliveries/behaviour", facts)

    async def release(self, *, order: Literal["oldest first", "newest first"] = "oldest first") -> int:
        """Send what is held, in order; return how many."""
        return (await self._call("POST", "/admin/deliveries/release", {"order": order}))["released"]

    async def redeliver(self, invitee: str, *, times: int = 1) -> int:
        """Send a booking's deliveries again; return how many."""
        body = {"invitee": invitee, "times": times}
        return (await self._call("POST", "/admin/deliveries/redeliver", body))["redelivered"]

    async def deliveries(self, *, invitee: str | None = None) -> list[dict[str, Any]]:
        """Return the deliveries, all or a booking's, and how they went."""
        query = f"?{httpx2.QueryParams({'invitee': invitee})}" if invitee else ""
        return (await self._call("GET", f"/admin/deliveries{query}"))["deliveries"]

    async def subscriptions(self) -> list[dict[str, Any]]:
        """Return all webhook subscriptions as the API shows them."""
        return (await self._call("GET", "/admin/subscriptions"))["subscriptions"]

    async def change(self, what: Literal["organizations", "event_types"], *, uri: str, **facts: Any) -> None:
        """Change an organization (plan, stage) or an event type (name, active, hosts, deleted)."""
        await self._call("PATCH", f"/admin/{what}", {"uri": uri, **facts})

    async def order(
        self, what: Literal["token_faults", "subscription_states", "limits", "outage"], **facts: Any
    ) -> None:
        """Order a fault, or end it."""
        await self._call("POST", f"/admin/{what}", facts)

    async def oauth_app(self, *redirect_uris: str, **facts: Any) -> OAuthApp:
        """Make an OAuth app."""
        return OAuthApp(**await self._call("POST", "/admin/oauth_apps", {"redirect_uris": redirect_uris, **facts}))

    async def sign_in(self, user: str | None) -> None:
        """Say who is signed in at Calendly and allows what apps ask; None refuses it."""
        await self._call("POST", "/admin/sign_in", {"user": user})

    async def state(self) -> dict[str, int]:
        """Return how many there are of each."""
        return await self._call("GET", "/admin/state")

    async def reset(self) -> None:
        """Forget everything."""
        await self._call("POST", "/admin/reset")

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = await self._http.request(method, path, json=body)
        if not answer.is_success:
            raise AdminRefused(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()


def _booked(told: dict[str, str]) -> Booked:
    return Booked(event=told["event_uri"], invitee=told["invitee_uri"])
