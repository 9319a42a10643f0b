"""Errors in Calendly's form."""

from collections.abc import Mapping
from typing import TypeVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

Known = TypeVar("Known")


class Problem(Exception):
    """An answer that says no."""

    def __init__(self, status: int, title: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"title": title, "message": message, **more}


def invalid(parameter: str, message: str) -> Problem:
    """Return the answer to a bad parameter."""
    details = [{"parameter": parameter, "message": message}]
    return Problem(400, "Invalid Argument", "The supplied parameters are invalid.", details=details)


def denied(message: str = "You do not have permission to access this resource.") -> Problem:
    """Return the answer to a caller who may not."""
    return Problem(403, "Permission Denied", message)


def not_found() -> Problem:
    """Return the answer for what is not there."""
    return Problem(404, "Resource Not Found", "The server could not find the requested resource.")


def known(all_of_them: Mapping[str, Known], name: str) -> Known:
    """Return what has a name. Raises Problem (404) where there is none."""
    if name not in all_of_them:
        raise not_found()
    return all_of_them[name]


def install(app: FastAPI) -> None:
    """Answer every error in Calendly's form, with the rate limit's headers where the caller is known."""

    @app.exception_handler(Problem)
    async def of_problem(request: Request, problem: Problem) -> JSONResponse:
        return _answer(request, problem)

    @app.exception_handler(RequestValidationError)
    async def of_validation(request: Request, fault: RequestValidationError) -> JSONResponse:
        first = fault.errors()[0]
        return _answer(request, invalid(str(first["loc"][-1]), str(first["msg"])))

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> JSONResponse:
        problem = not_found()
        problem.status = error.status_code
        return _answer(request, problem)


def _answer(request: Request, problem: Problem) -> JSONResponse:
    return JSONResponse(problem.body, problem.status, headers=getattr(request.state, "rate_limit", None))
