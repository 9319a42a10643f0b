"""Pages with opaque tokens; no total is ever told."""

import base64
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request

from devstack.calendly.model import API
from devstack.calendly.problems import invalid

Count = Annotated[int, Query(ge=1, le=100)]
PageToken = Annotated[str | None, Query()]


def page(items: Sequence[Any], request: Request, *, count: int, token: str | None) -> dict[str, Any]:
    """Return one page of a list. Raises Problem (400) for a token that is not ours."""
    start = _start(token)
    chosen = list(items[start : start + count])
    following = _token(start + count) if start + count < len(items) else None
    previous = _token(max(0, start - count)) if start > 0 else None
    return {
        "collection": chosen,
        "pagination": {
            "count": len(chosen),
            "next_page": _complete(request, following),
            "previous_page": _complete(request, previous),
            "next_page_token": following,
            "previous_page_token": previous,
        },
    }


def _complete(request: Request, token: str | None) -> str | None:
    if token is None:
        return None
    query = [(key, value) for key, value in request.query_params.multi_items() if key != "page_token"]
    return f"{API}{request.url.path}?{urlencode([*query, ('page_token', token)])}"


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"from {start}".encode()).decode()


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        given = base64.b64decode(token, altchars=b"-_", validate=True).decode()
        start = int(given.removeprefix("from "))
    except ValueError:
        start = -1
    if start < 0 or token != _token(start):
        raise invalid("page_token", "is not one of ours")
    return start
