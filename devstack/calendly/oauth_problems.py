"""OAuth's errors: `error` and `error_description`, unlike the API's."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


class OAuthProblem(Exception):
    """An answer that says no."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


def bad_request(error: str, description: str) -> OAuthProblem:
    """Return the answer to a call that is not as it should be."""
    return OAuthProblem(400, error, description)


def invalid_client() -> OAuthProblem:
    """Return the answer to an unknown client or a wrong secret."""
    return OAuthProblem(401, "invalid_client", "Client authentication failed.")


def invalid_grant() -> OAuthProblem:
    """Return the answer to a code or refresh token that is unknown, used, revoked or another client's."""
    return bad_request("invalid_grant", "The provided authorization grant is invalid, expired or revoked.")


def install(app: FastAPI) -> None:
    """Answer them so."""

    @app.exception_handler(OAuthProblem)
    async def of_oauth(_: Request, problem: OAuthProblem) -> JSONResponse:
        return JSONResponse(problem.body, problem.status, headers={"Cache-Control": "no-store"})
