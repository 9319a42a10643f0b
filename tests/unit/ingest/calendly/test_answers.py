"""What Calendly's answers mean; the bodies are those of its documentation."""

from typing import Any

import httpx2
import pytest

from services.ingest.calendly.answers import read
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

DENIED = {"title": "Permission Denied", "message": "You do not have permission to access this resource."}
SCOPES = {"title": "Permission Denied", "message": "Scopes", "required_scopes": ["webhooks:write", "users:read"]}
INVALID = {
    "title": "Invalid Argument",
    "message": "The supplied parameters are invalid.",
    "details": [{"parameter": "events", "message": "is invalid"}, {"message": "and more"}],
}


def failure(status: int, told: Any = None, **headers: str) -> CalendlyError:
    """Return the error that an answer is read as."""
    content = {"json": told} if told is not None else {"text": "<html>not here</html>"}
    with pytest.raises(CalendlyError) as raised:
        read(httpx2.Response(status, headers=headers, **content), "GET /users/me")
    return raised.value


def test_a_good_answer_is_its_json() -> None:
    assert read(httpx2.Response(200, json={"resource": {}}), "GET /users/me") == {"resource": {}}


def test_an_empty_answer_is_none() -> None:
    assert read(httpx2.Response(204), "DELETE /webhook_subscriptions/W1") is None


def test_a_good_answer_that_is_not_json_is_not_calendlys() -> None:
    with pytest.raises(Unavailable, match=r"^GET /users/me: the answer is not JSON$"):
        read(httpx2.Response(200, text="<html>"), "GET /users/me")


@pytest.mark.parametrize(
    ("status", "told", "kind"),
    [
        (401, {"title": "Unauthenticated", "message": "The access token expired"}, TokenRefused),
        (403, DENIED, PermissionDenied),
        (403, SCOPES, ScopesMissing),
        (403, None, Unavailable),
        (404, {"title": "Resource Not Found"}, NotFound),
        (409, {"title": "Already Exists"}, AlreadyExists),
        (424, {"title": "External Calendar Error"}, Unavailable),
        (429, None, Unavailable),
        (500, {"title": "Internal Server Error"}, Unavailable),
        (503, None, Unavailable),
        (302, None, Refused),
        (400, INVALID, Refused),
        (418, None, Refused),
    ],
)
def test_each_status_has_its_error(status: int, told: Any, kind: type[CalendlyError]) -> None:
    assert type(failure(status, told)) is kind


def test_messages_name_the_call_and_the_status_and_nothing_of_the_body() -> None:
    assert str(failure(403, DENIED)) == "GET /users/me: 403"


def test_missing_scopes_are_named() -> None:
    error = failure(403, SCOPES)
    assert isinstance(error, ScopesMissing)
    assert error.scopes == ("webhooks:write", "users:read")


def test_wrong_parameters_are_named() -> None:
    error = failure(400, INVALID)
    assert isinstance(error, Refused)
    assert (error.status, error.parameters) == (400, ("events",))


@pytest.mark.parametrize("told", [[], {"details": "events"}, {"details": ["events"]}])
def test_details_of_an_unknown_form_name_nothing(told: Any) -> None:
    error = failure(400, told)
    assert isinstance(error, Refused)
    assert error.parameters == ()


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-Reset": "60"}, 60.0),
        ({"Retry-After": "7", "X-RateLimit-Reset": "60"}, 7.0),
        ({"Retry-After": "Wed, 25 Nov 2026 07:28:00 GMT"}, 1.0),
        ({}, 1.0),
    ],
)
def test_when_there_are_too_many_requests_the_wait_is_what_calendly_asks_for(
    headers: dict[str, str], wait: float
) -> None:
    error = failure(429, None, **headers)
    assert isinstance(error, Unavailable)
    assert error.wait == wait
