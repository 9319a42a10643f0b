"""A client of the stand-in's admin interface, for the demo and the tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2


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


class CalendlyAdmin:
    """Drives a stand-in."""

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
        return Account(**await self._call("POST", "/admin/users", {
            "organization": organization, "name": name, "email": email, **facts,
        }))  # fmt: skip

    async def event_type(self, organization: str, name: str, *, hosts: list[Account], **facts: Any) -> str:
        """Make an event type; return its URI. Without `owner` it belongs to a team."""
        body = {"organization": organization, "name": name, "hosts": [host.uri for host in hosts], **facts}
        return (await self._call("POST", "/admin/event_types", body))["uri"]

    async def book(self, event_type: str, *guests: tuple[str, str], **facts: Any) -> list[Booked]:
        """Book for guests (name, e-mail), or for `count` made-up ones."""
        people = [{"name": name, "email": email} for name, email in guests]
        answer = await self._call("POST", "/admin/bookings", {"event_type": event_type, "guests": people, **facts})
        return [Booked(**one) for one in answer["bookings"]]

    async def cancel(self, invitee: str, *, by: str = "invitee") -> None:
        """Cancel a booking."""
        await self._call("POST", "/admin/cancellations", {"invitee": invitee, "by": by})

    async def reschedule(self, invitee: str, **facts: Any) -> Booked:
        """Reschedule a booking; return the new one."""
        return Booked(**await self._call("POST", "/admin/reschedulings", {"invitee": invitee, **facts}))

    async def behave(self, **facts: Any) -> None:
        """Say how deliveries behave from now on: hold, times, drop_next, first_wait."""
        await self._call("POST", "/admin/deliveries/behaviour", facts)

    async def release(self, *, order: str = "oldest first") -> int:
        """Send what is held; return how many."""
        return (await self._call("POST", "/admin/deliveries/release", {"order": order}))["released"]

    async def redeliver(self, invitee: str, *, times: int = 1) -> int:
        """Send a booking's deliveries again; return how many."""
        body = {"invitee": invitee, "times": times}
        return (await self._call("POST", "/admin/deliveries/redeliver", body))["redelivered"]

    async def deliveries(self) -> list[dict[str, Any]]:
        """Return all deliveries and how they went."""
        return (await self._call("GET", "/admin/deliveries"))["deliveries"]

    async def change(self, what: str, **facts: Any) -> None:
        """Change an organization or an event type (PATCH)."""
        await self._call("PATCH", f"/admin/{what}", facts)

    async def order(self, what: str, **facts: Any) -> None:
        """Order a fault: token_faults, subscription_states or limits (POST)."""
        await self._call("POST", f"/admin/{what}", facts)

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = await self._http.request(method, path, json=body)
        if not answer.is_success:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()
