"""What an answer of Calendly's means: its JSON, or an error of the tree in `errors`."""

from typing import Any

import httpx2

from services.ingest.calendly.errors import (
    AlreadyExists,
    CalendlyError,
    NotFound,
    PermissionDenied,
    Refused,
    ScopesMissing,
    TokenRefused,
    Unavailable,
)

_PLAIN: dict[int, type[CalendlyError]] = {401: TokenRefused, 404: NotFound, 409: AlreadyExists, 424: Unavailable}


def read(answer: httpx2.Response, call: str) -> Any:
    """Return the answer's JSON, None where there is none. Raises CalendlyError, whose message begins with `call`."""
    if not answer.is_success:
        raise _error(answer, f"{call}: {answer.status_code}")
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError:
        raise Unavailable(f"{call}: the answer is not JSON") from None


def _error(answer: httpx2.Response, call: str) -> CalendlyError:
    status, told = answer.status_code, _told(answer)
    if status == 403 and told is not None:
        return _denied(told, call)
    if status == 429:
        return Unavailable(call, wait=_asked_for(answer))
    if status >= 500 or status == 403:  # a 403 that is not JSON comes from what stands before Calendly
        return Unavailable(call)
    if status in _PLAIN:
        return _PLAIN[status](call)
    return Refused(call, status=status, parameters=_parameters(told or {}))


def _told(answer: httpx2.Response) -> dict[str, Any] | None:
    try:
        told = answer.json()
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _denied(told: dict[str, Any], call: str) -> CalendlyError:
    scopes = told.get("required_scopes")
    if isinstance(scopes, list):
        return ScopesMissing(tuple(str(scope) for scope in scopes))
    return PermissionDenied(call)


def _parameters(told: dict[str, Any]) -> tuple[str, ...]:
    details = told.get("details")
    named = [one.get("parameter") for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    return tuple(str(one) for one in named if one)


def _asked_for(answer: httpx2.Response) -> float:
    asked = answer.headers.get("retry-after") or answer.headers.get("x-ratelimit-reset") or ""
    return float(asked) if asked.isdecimal() else 1.0
