"""What both apps have in common: problem details for every error, and the operations' routes."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from bookstream_contracts.asyncapi import document
from fastapi import APIRouter, Depends, FastAPI
from prometheus_client import CollectorRegistry, Counter
from pydantic import BaseModel

from services.runtime.health import Checks
from services.runtime.problems import Problem
from services.runtime.tokens import Secret, authorized
from services.runtime.web import new_app
from tests.support.serving import client_of


class Account(BaseModel):
    token: str
    pages: int


def routes() -> APIRouter:
    made = APIRouter()

    @made.post("/accounts")
    async def connect(account: Account) -> None:
        raise Problem(409, "account-linked", "It is linked already. Disconnect it first.", plan="free")

    @made.get("/broken")
    async def broken() -> None:
        raise RuntimeError("password of the database")

    @made.get("/guarded", dependencies=[Depends(authorized("operations"))], responses={405: {"description": "R2"}})
    async def guarded() -> None: ...

    return made


def app_with(checks: Checks, registry: CollectorRegistry) -> FastAPI:
    return new_app("test", keys=Secret("s" * 32), checks=checks, registry=registry, routers=(routes(),))


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    registry = CollectorRegistry()
    Counter("bookstream_things", "things", registry=registry).inc(3)
    async with client_of(app_with(Checks({}), registry)) as opened:
        yield opened


async def broken_check() -> None:
    raise ConnectionError


def problem(slug: str, title: str, status: int, detail: str, **more: Any) -> dict[str, Any]:
    return {"type": f"/problems/{slug}", "title": title, "status": status, "detail": detail, **more}


def body(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status_code == answer.json()["status"]
    return answer.json()


async def test_a_problem_is_answered_with_its_facts(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/accounts", json={"token": "hunter2", "pages": 1})
    detail = "It is linked already. Disconnect it first."
    assert body(answer) == problem("account-linked", "Conflict", 409, detail, plan="free")


async def test_an_invalid_request_is_told_each_fault_but_not_what_it_sent(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/accounts", json={"token": ["hunter2"], "pages": "many"})
    assert body(answer)["errors"] == [
        {"at": "body.token", "fault": "Input should be a valid string"},
        {"at": "body.pages", "fault": "Input should be a valid integer, unable to parse string as an integer"},
    ]
    assert answer.status_code == 422
    assert not {"hunter2", "many"} & set(answer.text.replace('"', " ").split())


async def test_an_address_that_is_not_there_is_a_problem_too(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/nowhere")
    detail = "There is nothing at this address. The addresses are listed at /docs."
    assert body(answer) == problem("not-found", "Not Found", 404, detail)


async def test_a_method_that_is_not_there_tells_which_are(client: httpx2.AsyncClient) -> None:
    answer = await client.delete("/accounts")
    assert (body(answer)["type"], answer.headers["Allow"]) == ("/problems/method-not-allowed", "POST")


async def test_an_unexpected_error_is_told_without_details(
    client: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.get("/broken")
    detail = "Something failed on our side; it is logged. Try again later."
    assert body(answer) == problem("unexpected", "Internal Server Error", 500, detail)
    logged = capsys.readouterr().out + caplog.text
    assert all(said in logged for said in ("request failed", "/broken", "RuntimeError", "test_web.py:"))
    assert "password of the database" not in logged


async def test_a_live_process_says_so(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}


async def test_a_process_whose_checks_pass_is_ready(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_a_process_that_lacks_something_is_alive_but_not_ready() -> None:
    async with client_of(app_with(Checks({"kafka": broken_check}), CollectorRegistry())) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")
    assert (alive.status_code, ready.status_code) == (200, 503)
    assert ready.json() == {"status": "not ready", "failing": {"kafka": "ConnectionError"}}


async def test_metrics_are_in_prometheus_text_form(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert "bookstream_things_total 3.0" in answer.text.splitlines()


async def test_metrics_tell_of_the_process_itself(client: httpx2.AsyncClient) -> None:
    assert "# TYPE process_cpu_seconds_total counter" in (await client.get("/metrics")).text.splitlines()


async def test_the_topics_document_and_the_documentation_are_open(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/asyncapi")).json() == document()
    assert (await client.get("/docs")).status_code == 200


async def test_the_documentation_tells_problems_as_they_are_answered(client: httpx2.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    guarded, open_ = described["paths"]["/guarded"]["get"], described["paths"]["/accounts"]["post"]
    told = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers = {status: answer.get("content") for status, answer in guarded["responses"].items() if status != "200"}
    assert answers == dict.fromkeys(("401", "403", "404", "405"), told)
    assert guarded["responses"]["405"]["description"] == "R2"
    assert guarded["security"] == [{"token": []}]
    assert "security" not in open_
    assert "HTTPValidationError" not in described["components"]["schemas"]
