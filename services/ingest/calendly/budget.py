"""The rate limit of a user at Calendly, as the last answer told it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass
class Budget:
    """What is left of a user's requests in this minute. All work with one token shares it."""

    remaining: int = 1
    resets_at: float = 0.0

    def note(self, headers: Mapping[str, str], *, now: float) -> None:
        """Take the figures of an answer; `X-RateLimit-Reset` is in seconds from now."""
        remaining, reset = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
        if remaining.isdecimal() and reset.isdecimal():
            self.remaining, self.resets_at = int(remaining), now + int(reset)

    def wait(self, *, now: float) -> float:
        """Return the seconds until a request may be made."""
        return max(0.0, self.resets_at - now) if self.remaining <= 0 else 0.0
