"""Errors in Calendly's form."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


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


def install(app: FastAPI) -> None:
    """Answer every error in Calendly's form."""

    @app.exception_handler(Problem)
    async def of_problem(_: Request, problem: Problem) -> JSONResponse:
        return JSONResponse(problem.body, problem.status)

    @app.exception_handler(RequestValidationError)
    async def of_validation(_: Request, fault: RequestValidationError) -> JSONResponse:
        first = fault.errors()[0]
        problem = invalid(str(first["loc"][-1]), str(first["msg"]))
        return JSONResponse(problem.body, problem.status)

    @app.exception_handler(HTTPException)
    async def of_http(_: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse(not_found().body, error.status_code)
