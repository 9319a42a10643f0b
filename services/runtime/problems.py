"""Errors as RFC 9457 problem details, made in one place."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer that says no: `detail` tells a person what to do, `type` is `/problems/<slug>`."""

    def __init__(
        self, status: int, slug: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(slug)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more

    @property
    def body(self) -> dict[str, Any]:
        """The problem details object."""
        return {
            "type": f"/problems/{self.slug}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }

    @property
    def response(self) -> JSONResponse:
        """The answer to send."""
        return JSONResponse(self.body, self.status, headers=self.headers, media_type=MEDIA_TYPE)


def not_found(what: str) -> Problem:
    """Return the one answer for what is not there and for what belongs to another tenant."""
    return Problem(404, "not-found", f"There is no such {what} here. Check the subaccount and the id in the address.")


def install(app: FastAPI) -> None:
    """Make every error of an app a problem+json answer."""

    @app.exception_handler(Problem)
    async def of_problem(_: Request, problem: Problem) -> JSONResponse:
        return problem.response

    @app.exception_handler(RequestValidationError)
    async def of_validation(_: Request, fault: RequestValidationError) -> JSONResponse:
        return _invalid(fault.errors()).response

    @app.exception_handler(HTTPException)
    async def of_http(_: Request, error: HTTPException) -> JSONResponse:
        return _plain(error).response

    @app.exception_handler(Exception)
    async def of_anything(request: Request, error: Exception) -> JSONResponse:
        log.error("request failed", method=request.method, route=_route(request), error=type(error).__name__)
        return Problem(500, "unexpected", "Something failed on our side; it is logged. Try again later.").response


def _invalid(errors: Sequence[Any]) -> Problem:
    # The input itself is not repeated: it may hold a secret or a name.
    faults = [{"at": ".".join(str(part) for part in one["loc"]), "fault": one["msg"]} for one in errors]
    named = "; ".join(f"{one['at']}: {one['fault']}" for one in faults)
    return Problem(
        422, "invalid-request", f"The request is not valid. Mend these and send it again: {named}", errors=faults
    )


def _plain(error: HTTPException) -> Problem:
    slugs = {404: "not-found", 405: "method-not-allowed"}
    details = {
        404: "There is nothing at this address. The addresses are listed at /docs.",
        405: "This address does not take this method. What it takes is in the Allow header and at /docs.",
    }
    status = error.status_code
    detail = details.get(status, str(error.detail))
    return Problem(status, slugs.get(status, "refused"), detail, headers=error.headers)


def _route(request: Request) -> str:
    route = request.scope.get("route")
    return getattr(route, "path", "unknown")
