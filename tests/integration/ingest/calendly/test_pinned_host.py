"""Whatever Calendly answers, requests go to the configured host only, and lists come to an end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from services.ingest.calendly.client import Calendly, open_calendly
from services.ingest.calendly.errors import Refused, Unavailable
from services.ingest.calendly.models import User
from tests.support.serving import serving

ELSEWHERE = "https://elsewhere.invalid"
USER = User(uri=f"{ELSEWHERE}/users/U1", current_organization=f"{ELSEWHERE}/organizations/O1")


class Server:
    """Answers every request with what was given, in turn; the last one stays."""

    def __init__(self, *answers: Response) -> None:
        self._answers = list(answers)
        self.requests: list[Request] = []

    async def answer(self, request: Request) -> Response:
        self.requests.append(request)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Calendly]:
        app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST", "DELETE"])])
        async with serving(app) as url, open_calendly(url, patience=0.1) as calendly:
            yield calendly("a token")


def page(*names: str, token: str | None) -> Response:
    """Return a page of event types; its next page is said to be elsewhere."""
    collection: list[dict[str, Any]] = [{"uri": f"{ELSEWHERE}/event_types/{name}", "name": name} for name in names]
    next_page = f"{ELSEWHERE}/event_types?page_token={token}" if token else None
    return JSONResponse(
        {"collection": collection, "pagination": {"next_page": next_page, "next_page_token": token, "count": 1}}
    )


async def test_resource_uris_are_names_and_the_request_goes_to_the_configured_host() -> None:
    server = Server(JSONResponse({"resource": {"uri": f"{ELSEWHERE}/organizations/O1", "plan": "teams"}}))
    async with server.client() as calendly:
        for uri in (f"{ELSEWHERE}/organizations/O1", f"{ELSEWHERE}//elsewhere.invalid/O1"):
            assert (await calendly.organization(uri)).plan == "teams"
    assert len(server.requests) == 2
    assert server.requests[0].url.path == "/organizations/O1"


async def test_the_next_page_is_asked_for_by_its_token_at_the_configured_host() -> None:
    server = Server(page("E1", token="p2"), page("E2", token=None))
    async with server.client() as calendly:
        read = await calendly.event_types(USER)
    assert [one.name for one in read] == ["E1", "E2"]
    assert [request.query_params.get("page_token") for request in server.requests] == [None, "p2"]


async def test_a_page_token_that_repeats_itself_ends_the_list_with_an_error() -> None:
    server = Server(page("E1", token="p2"), page("E2", token="p3"), page("E1", token="p2"))
    async with server.client() as calendly:
        with pytest.raises(Unavailable, match=r"^GET /event_types: a page repeats itself$"):
            await calendly.event_types(USER)
    assert len(server.requests) == 3


async def test_a_redirect_is_not_followed() -> None:
    server = Server(RedirectResponse(f"{ELSEWHERE}/users/me"))
    async with server.client() as calendly:
        with pytest.raises(Refused, match=r"^GET /users/me: 307$"):
            await calendly.me()


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (PlainTextResponse("hello"), r"the answer is not JSON$"),
        (JSONResponse({"resource": {"uri": "https://a.example/users/U1"}}), r"User .*: current_organization$"),
        (JSONResponse({"resource": None}), r"User .*: it is missing$"),
        (JSONResponse([]), r"User .*: it is missing$"),
    ],
)
async def test_an_answer_that_is_not_as_documented_is_named_without_its_values(answer: Response, fault: str) -> None:
    async with Server(answer).client() as calendly:
        with pytest.raises(Unavailable, match=fault):
            await calendly.me()


async def test_bookstream_says_who_it_is_and_sends_its_token() -> None:
    server = Server(JSONResponse({"resource": USER.model_dump()}))
    async with server.client() as calendly:
        await calendly.me()
    headers = server.requests[0].headers
    assert (headers["user-agent"], headers["authorization"]) == ("bookstream/1", "Bearer a token")
