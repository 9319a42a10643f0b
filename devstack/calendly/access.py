"""Who calls, what the token may, how many calls are left, and outages that were ordered."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from fastapi import Request, Response

from devstack.calendly.problems import Problem
from devstack.calendly.state import State, User

MINUTE = 60


@dataclass
class Limits:
    """Calls of each user in this minute, and an outage: a status to answer for a number of calls."""

    per_minute: int = 500
    outage_status: int = 503
    outage_calls: int = 0
    windows: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])

    def count(self, user: str) -> tuple[int, int]:
        """Count a call; return what is left (negative: too many) and the seconds until the count begins anew."""
        began, calls = self.windows.get(user, (time.monotonic(), 0))
        if time.monotonic() - began >= MINUTE:
            began, calls = time.monotonic(), 0
        self.windows[user] = began, calls + 1
        return self.per_minute - calls - 1, max(1, round(MINUTE - (time.monotonic() - began)))


@dataclass(frozen=True)
class Caller:
    """A known caller."""

    user: User
    scopes: frozenset[str]

    def has(self, scope: str) -> bool:
        """Tell whether a scope is granted; write includes read."""
        return scope in self.scopes or scope.replace(":read", ":write") in self.scopes


def calling(*scopes: str) -> Callable[[Request, Response], Awaitable[Caller]]:
    """Return a dependency that lets in callers with all scopes, within their rate limit."""

    async def check(request: Request, response: Response) -> Caller:
        state: State = request.app.state.calendly
        limits: Limits = request.app.state.limits
        _suffer(limits)
        caller = _identify(state, request)
        left, reset = limits.count(caller.user.uri)
        headers = {"X-RateLimit-Limit": str(limits.per_minute), "X-RateLimit-Remaining": str(max(left, 0))}
        headers["X-RateLimit-Reset"] = str(reset)
        request.state.rate_limit = headers
        response.headers.update(headers)
        if left < 0:
            raise Problem(429, "Too Many Requests", "The rate limit is used up.")
        missing = [scope for scope in scopes if not caller.has(scope)]
        if missing:
            text = "This request requires the scopes listed in the 'required_scopes' array."
            raise Problem(403, "Permission Denied", text, required_scopes=list(scopes))
        return caller

    return check


def _suffer(limits: Limits) -> None:
    if limits.outage_calls > 0:
        limits.outage_calls -= 1
        raise Problem(limits.outage_status, "Internal Server Error", "The server encountered an unexpected condition.")


def _identify(state: State, request: Request) -> Caller:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    token = state.tokens.get(given) if kind.lower() == "bearer" else None
    if token is None:
        raise Problem(401, "Unauthenticated", "The access token is invalid")
    if token.fault is not None:
        raise Problem(401, "Unauthenticated", token.fault)
    return Caller(state.users[token.user], token.scopes)
