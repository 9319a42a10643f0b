"""Who calls, what the token may, and how many calls are left."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request, Response

from devstack.calendly.model import User, now
from devstack.calendly.parts import Parts, Wired
from devstack.calendly.problems import Problem
from devstack.calendly.state import State


@dataclass(frozen=True)
class Caller:
    """A known caller; `app` is the OAuth client the token was given to, None for a personal access token."""

    user: User
    scopes: frozenset[str]
    app: str | None

    @property
    def leads(self) -> bool:
        """Tell whether the user is an admin or owner of the organization."""
        return self.user.role != "user"

    def has(self, scope: str) -> bool:
        """Tell whether a scope is granted; write includes read."""
        return scope in self.scopes or scope.replace(":read", ":write") in self.scopes


def calling(*scopes: str) -> Callable[[Request, Response, Parts], Awaitable[Caller]]:
    """Return a dependency that lets in callers with all scopes, within their rate limit."""

    async def check(request: Request, response: Response, parts: Wired) -> Caller:
        caller = _identify(parts.state, request)
        left, headers = parts.limits.count(parts.state, caller.user)
        request.state.rate_limit = headers
        response.headers.update(headers)
        if left < 0:
            raise Problem(429, "Too Many Requests", "The rate limit is used up.")
        if not all(caller.has(scope) for scope in scopes):
            text = "This request requires the scopes listed in the 'required_scopes' array."
            raise Problem(403, "Permission Denied", text, required_scopes=list(scopes))
        return caller

    return check


def _identify(state: State, request: Request) -> Caller:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    token = state.tokens.get(given) if kind.lower() == "bearer" else None
    if token is None:
        raise Problem(401, "Unauthenticated", "The access token is invalid")
    if token.fault is not None:
        raise Problem(401, "Unauthenticated", token.fault)
    if token.expires_at is not None and token.expires_at <= now():
        raise Problem(401, "Unauthenticated", "The access token expired")
    return Caller(state.users[token.user], token.scopes, token.app)
