"""OAuth: authorize. Whatever is asked is allowed on behalf of the user who is signed in."""

import secrets
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from devstack.calendly.oauth_problems import bad_request
from devstack.calendly.oauth_state import App, Code, Grant
from devstack.calendly.parts import Wired

routes = APIRouter(prefix="/oauth")


class Asked(BaseModel):
    """The query of an authorize call."""

    client_id: str = ""
    redirect_uri: str = ""
    response_type: str = ""
    scope: str = ""
    state: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""


@routes.get("/authorize")
async def authorize(parts: Wired, asked: Annotated[Asked, Query()]) -> RedirectResponse:
    """Send the user back with a code, or with why not."""
    app, user = parts.oauth.apps.get(asked.client_id), parts.oauth.signed_in
    if app is None or asked.redirect_uri not in app.redirect_uris:
        raise bad_request("invalid_request", "The client or its redirect_uri is unknown.")
    error = _refusal(asked, app)
    if error is not None or user is None:
        return _back(asked, error=error or "access_denied")
    scopes = frozenset(asked.scope.split()) or app.scopes
    code, grant = secrets.token_urlsafe(24), Grant(user=user, client_id=app.client_id, scopes=scopes)
    parts.oauth.codes[code] = Code(grant=grant, redirect_uri=asked.redirect_uri, challenge=asked.code_challenge)
    return _back(asked, code=code)


def _refusal(asked: Asked, app: App) -> str | None:
    if asked.response_type != "code":
        return "unsupported_response_type"
    if not asked.code_challenge or asked.code_challenge_method != "S256":
        return "invalid_request"
    return None if app.scopes.issuperset(asked.scope.split()) else "invalid_scope"


def _back(asked: Asked, **answer: str) -> RedirectResponse:
    query = urlencode({**answer, **({"state": asked.state} if asked.state else {})})
    return RedirectResponse(f"{asked.redirect_uri}{'&' if '?' in asked.redirect_uri else '?'}{query}", 302)
