"""Pages with opaque tokens; no total is ever told."""

import base64
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Request

from devstack.calendly.problems import invalid
from devstack.calendly.state import API

Count = Annotated[int, Query(ge=1, le=100)]
PageToken = Annotated[str | None, Query()]


def page(items: Sequence[Any], request: Request, *, count: int, token: str | None) -> dict[str, Any]:
    """Return one page of a list. Raises Problem (400) for a token that is not ours."""
    start = _start(token)
    rest = start + count < len(items)
    following = _token(start + count) if rest else None
    query = "&".join(f"{key}={value}" for key, value in request.query_params.items() if key != "page_token")
    complete = f"{API}{request.url.path}?{query}&page_token={following}" if following else None
    return {
        "collection": list(items[start : start + count]),
        "pagination": {
            "count": len(items[start : start + count]),
            "next_page": complete,
            "previous_page": None,
            "next_page_token": following,
            "previous_page_token": None,
        },
    }


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"from {start}".encode()).decode()


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("from "))
    except ValueError:
        raise invalid("page_token", "is not one of ours") from None
