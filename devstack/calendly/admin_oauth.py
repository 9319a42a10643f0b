"""The admin interface: OAuth apps, and who is signed in."""

import secrets

from fastapi import APIRouter

from devstack.calendly import admin_models as models
from devstack.calendly.oauth_state import App
from devstack.calendly.parts import Wired
from devstack.calendly.problems import not_found

routes = APIRouter(prefix="/admin", tags=["admin"])


@routes.post("/oauth_apps")
async def app(parts: Wired, body: models.NewApp) -> dict[str, str | None]:
    """Make an OAuth app."""
    secret = None if body.native else secrets.token_urlsafe(32)
    made = App(redirect_uris=body.redirect_uris, scopes=frozenset(body.scopes), secret=secret)
    parts.oauth.apps[made.client_id] = made
    return {"client_id": made.client_id, "client_secret": secret, "webhook_signing_key": made.signing_key}


@routes.post("/sign_in")
async def sign_in(parts: Wired, body: models.SignIn) -> None:
    """Say who allows what apps ask."""
    if body.user is not None and body.user not in parts.state.users:
        raise not_found()
    parts.oauth.signed_in = body.user
