"""The rate limit of each user."""

import time
from dataclasses import dataclass, field

from devstack.calendly.model import Organization, User
from devstack.calendly.state import State

MINUTE = 60
PAID, FREE = 500, 50
"""Calls a minute of each user, by plan."""


@dataclass
class Limits:
    """Calls of each user in this minute; `per_minute` replaces what the plan allows."""

    per_minute: int | None = None
    windows: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])

    def set(self, per_minute: int | None) -> None:
        """Set a limit, or None for the plan's; all counts begin anew."""
        self.per_minute = per_minute
        self.windows.clear()

    def count(self, state: State, user: User) -> tuple[int, dict[str, str]]:
        """Count a call; return what is left (negative: too many) and the headers that say so."""
        moment, allowed = time.monotonic(), self._allowed(state.organizations[user.organization])
        began, calls = self.windows.get(user.uri, (moment, 0))
        if moment - began >= MINUTE:
            began, calls = moment, 0
        self.windows[user.uri] = began, calls + 1
        left = allowed - calls - 1
        headers = {"X-RateLimit-Limit": str(allowed), "X-RateLimit-Remaining": str(max(left, 0))}
        headers["X-RateLimit-Reset"] = str(max(1, round(MINUTE - (moment - began))))
        return left, headers

    def _allowed(self, organization: Organization) -> int:
        if self.per_minute is not None:
            return self.per_minute
        return FREE if organization.plan == "basic" or organization.stage == "free" else PAID
