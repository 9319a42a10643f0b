"""Errors as RFC 9457 problem details, made in one place."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime.logs import told

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
    app.add_middleware(Unexpected)

    @app.exception_handler(Problem)
    async def of_problem(_: Request, problem: Problem) -> JSONResponse:
        return problem.response

    @app.exception_handler(RequestValidationError)
    async def of_validation(_: Request, fault: RequestValidationError) -> JSONResponse:
        return _invalid(fault.errors()).response

    @app.exception_handler(HTTPException)
    async def of_http(_: Request, error: HTTPException) -> JSONResponse:
        return _plain(error).response


class Unexpected:
    """Answers 500 for what nobody foresaw, and logs where it happened.

    A handler for Exception would do so too, but the framework then raises the error once more, and the server logs its
    message: that may hold a name or an address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on. When it fails after its answer began, the server cuts the connection."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001, whatever fails is logged and answered
            log.error("request failed", method=scope.get("method"), route=_route(scope), **told(error))  # noqa: TRY400
            if not begun:
                detail = "Something failed on our side; it is logged. Try again later."
                await Problem(500, "unexpected", detail).response(scope, receive, send)


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


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", "unknown")
