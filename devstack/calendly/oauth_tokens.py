"""OAuth: token, introspect, revoke."""

import base64
import secrets
import time
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from devstack.calendly.model import now
from devstack.calendly.oauth_problems import OAuthProblem, bad_request, invalid_client, invalid_grant
from devstack.calendly.oauth_state import ACCESS_LIVES, App, Grant, OAuth, Pair
from devstack.calendly.parts import Wired
from devstack.calendly.state import State

routes = APIRouter(prefix="/oauth")


async def _read_form(request: Request) -> dict[str, str]:
    """Read a form, each name once. Raises OAuthProblem (400) for any other body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    try:
        pairs = parse_qsl((await request.body()).decode(), strict_parsing=True)
    except ValueError:
        pairs = []
    if kind != "application/x-www-form-urlencoded" or not pairs or len(dict(pairs)) != len(pairs):
        raise bad_request("invalid_request", "The body must be a form in which each parameter stands once.")
    return dict(pairs)


Form = Annotated[dict[str, str], Depends(_read_form)]


@routes.post("/token")
async def token(parts: Wired, request: Request, form: Form) -> JSONResponse:
    """Give tokens for a code or a refresh token."""
    client_id = _client(parts.oauth, request, form).client_id
    grant = _redeemed(parts.oauth, form, client_id)
    return JSONResponse(_shown(parts.state, parts.oauth.give(grant)), headers={"Cache-Control": "no-store"})


@routes.post("/introspect")
async def introspect(parts: Wired, form: Form) -> dict[str, object]:
    """Tell whether an access token is good."""
    client_id = _check_secret(parts.oauth, form.get("client_id", ""), form.get("client_secret", "")).client_id
    found = parts.state.tokens.get(form.get("token", ""))
    good = found is not None and found.fault is None and (found.expires_at is None or found.expires_at > now())
    if found is None or not good or found.app != client_id:
        return {"active": False}
    scope = " ".join(sorted(found.scopes))
    return {"active": True, "scope": scope, "client_id": client_id, "token_type": "Bearer"}


@routes.post("/revoke")
async def revoke(parts: Wired, form: Form) -> dict[str, object]:
    """Revoke a token."""
    client = _check_secret(parts.oauth, form.get("client_id", ""), form.get("client_secret", ""))
    parts.oauth.revoke(form.get("token", ""), client.client_id)
    return {}


def _client(oauth: OAuth, request: Request, form: Mapping[str, str]) -> App:
    """Return the app that calls: web apps say who they are by Basic authentication, native ones by name."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
        except ValueError:
            raise invalid_client() from None
        return _check_secret(oauth, client_id, secret)
    return _check_secret(oauth, form.get("client_id", ""), "")


def _check_secret(oauth: OAuth, client_id: str, secret: str) -> App:
    app = oauth.apps.get(client_id)
    if app is None or not secrets.compare_digest((app.secret or "").encode(), secret.encode()):
        raise invalid_client()
    return app


def _redeemed(oauth: OAuth, form: Mapping[str, str], client_id: str) -> Grant:
    match form.get("grant_type"):
        case "authorization_code":
            return _of_code(oauth, form, client_id)
        case "refresh_token":
            return _of_refresh(oauth, form.get("refresh_token", ""), client_id)
        case _:
            raise bad_request("unsupported_grant_type", "The authorization grant type is not supported.")


def _of_code(oauth: OAuth, form: Mapping[str, str], client_id: str) -> Grant:
    code = oauth.codes.pop(form.get("code", ""), None)
    uri, verifier = form.get("redirect_uri", ""), form.get("code_verifier", "")
    if code is None or not code.fits(client_id=client_id, redirect_uri=uri, verifier=verifier):
        raise invalid_grant()
    return _limited(oauth, code.grant)


def _of_refresh(oauth: OAuth, refresh: str, client_id: str) -> Grant:
    pair = oauth.refreshes.get(refresh)
    if pair is None or pair.grant.client_id != client_id:
        raise invalid_grant()
    grant = _limited(oauth, pair.grant)
    del oauth.refreshes[refresh]
    return grant


def _limited(oauth: OAuth, grant: Grant) -> Grant:
    if not oauth.within_limit(grant.user):
        raise OAuthProblem(429, "rate_limited", "At most 8 tokens per user per minute.")
    return grant


def _shown(state: State, pair: Pair) -> dict[str, object]:
    return {
        "token_type": "Bearer",
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "scope": " ".join(sorted(pair.grant.scopes)),
        "created_at": int(time.time()),
        "expires_in": ACCESS_LIVES,
        "owner": pair.grant.user,
        "organization": state.users[pair.grant.user].organization,
    }
