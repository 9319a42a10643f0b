"""Connecting by OAuth over HTTP (DESIGN 4): where a user allows access, and where Calendly sends the user back to."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from services.ingest.calendly.oauth import CALLBACK, OAuth
from services.ingest.connections.answers import as_problems
from services.ingest.connections.api import WRITES, context_of
from services.ingest.connections.authorize import StateUnknown, begin, finish, take
from services.ingest.connections.dependencies import Dependencies
from services.runtime.problems import Problem

Given = Annotated[str, Query(max_length=2000)]


class AuthorizeUrl(BaseModel):
    """Where to send the user; it is good for 10 minutes and for one use."""

    authorize_url: str


class ConnectedView(BaseModel):
    """The connection that was made, or whose access was renewed."""

    connection_id: UUID


def router(deps: Dependencies, *, missing: Sequence[str]) -> APIRouter:
    """Return the routes of OAuth; `missing` names the settings without which they answer 501."""
    routes = APIRouter(tags=["connections"])

    @routes.get("/v1/subaccounts/{s}/connections/authorize", dependencies=[WRITES])
    async def authorize(s: UUID, user_id: UUID) -> AuthorizeUrl:
        """Return where the user allows access to the Calendly account."""
        oauth = _configured(deps, missing)
        return AuthorizeUrl(authorize_url=await begin(deps, oauth, subaccount_id=s, user_id=user_id, at=deps.clock()))

    @routes.get(CALLBACK, status_code=201)
    async def callback(
        request: Request, response: Response, *, state: Given = "", code: Given = "", error: Given = ""
    ) -> ConnectedView:
        """Take the user back from Calendly and connect (R20, R21, R22); 200 where access was renewed."""
        oauth = _configured(deps, missing)
        with as_problems(by_oauth=True):
            try:
                attempt = await take(deps, state, at=deps.clock())
            except StateUnknown:
                raise _state_unknown() from None
            if error or not code:
                raise _not_allowed(error)
            made = await finish(deps, oauth, attempt, code, context_of(deps, request))
        response.status_code = 201 if made.new else 200
        response.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
        return ConnectedView(connection_id=made.id)

    return routes


def _configured(deps: Dependencies, missing: Sequence[str]) -> OAuth:
    if deps.oauth is not None:
        return deps.oauth
    detail = f"Connecting by OAuth is not set up. Set {', '.join(missing)}, or connect by a personal access token."
    raise Problem(501, "oauth-not-configured", detail, settings=list(missing))


def _state_unknown() -> Problem:
    detail = "This way back from Calendly was used already, is older than 10 minutes, or is not ours. Connect again."
    return Problem(422, "oauth-state-unknown", detail)


def _not_allowed(error: str) -> Problem:
    if error in {"", "access_denied"}:
        detail = "Access was not allowed at Calendly. To connect, begin again and allow it there."
        return Problem(422, "oauth-denied", detail)
    detail = "Calendly refused to ask the user. Check the OAuth app's scopes and redirect URI, then connect again."
    return Problem(422, "oauth-refused", detail)
