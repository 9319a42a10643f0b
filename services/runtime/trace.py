"""The W3C trace of a request, where it has a valid one."""

import re

_VALID = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def valid_trace(header: str | None) -> str | None:
    """Return a `traceparent` header if it is well formed: it is stored, and sent on to every reader of the topics."""
    return header if header and _VALID.fullmatch(header) else None
