"""Who is calling, and what they may: JSON Web Tokens with `sub`, `subaccounts` and `scope` (DESIGN 4)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Protocol, cast
from uuid import UUID

import anyio.to_thread
import jwt
from fastapi import Request, Security
from fastapi.security import HTTPBearer

from services.runtime.problems import Problem, not_found
from services.runtime.settings import SettingsError, TokenSettings

ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")

# It only describes itself in the OpenAPI document: what it would answer is no problem details object.
_BEARER = HTTPBearer(auto_error=False, scheme_name="token", bearerFormat="JWT")


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A verified caller. `subaccounts` None means all of them."""

    user: str
    subaccounts: frozenset[str] | None
    scopes: frozenset[str]

    def may_see(self, subaccount_id: UUID) -> bool:
        """Tell whether a subaccount is one of the caller's."""
        return self.subaccounts is None or str(subaccount_id) in self.subaccounts


class Keys(Protocol):
    """Where the key of a token comes from; raises jwt.PyJWTError where there is none."""

    algorithms: Sequence[str]

    def key_of(self, token: str) -> Any:
        """Return the key that the token must be signed with."""
        ...


class Secret:
    """One shared secret, for development."""

    algorithms: Sequence[str] = ("HS256",)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def key_of(self, token: str) -> str:  # noqa: ARG002, one key serves all tokens
        """Return the secret."""
        return self._secret


class Published:
    """Keys published at a URL; they are fetched once and again when a token names an unknown one."""

    algorithms: Sequence[str] = ASYMMETRIC

    def __init__(self, url: str) -> None:
        self._client = jwt.PyJWKClient(url, cache_keys=True, timeout=5)

    def key_of(self, token: str) -> Any:
        """Return the published key that the token names."""
        return self._client.get_signing_key_from_jwt(token).key


def keys_from(settings: TokenSettings) -> Keys:
    """Return the keys that the settings name. Raises SettingsError where there are none: nobody may start open."""
    if settings.auth_jwks_url is not None:
        return Published(str(settings.auth_jwks_url))
    if settings.auth_jwt_secret is not None:
        return Secret(settings.auth_jwt_secret.get_secret_value())
    raise SettingsError(
        "AUTH_JWKS_URL: not set. Set it, or for development AUTH_JWT_SECRET, so that callers can be known."
    )


def authorized(scope: str) -> Callable[..., Awaitable[Caller]]:
    """Return a dependency that lets in callers with a scope, for the subaccount `s` of the path where there is one.

    401 without a valid token, 403 without the scope, 404 for another tenant's subaccount. The app holds the keys as
    `app.state.keys`.
    """

    async def check(request: Request, _: Annotated[object, Security(_BEARER)]) -> Caller:
        caller = await _identify(request)
        if scope not in caller.scopes:
            raise Problem(
                403, "scope-missing", f"The token lacks the scope '{scope}'. Ask for a token that has it.", scope=scope
            )
        _check_tenant(caller, request.path_params.get("s"))
        return caller

    return check


async def _identify(request: Request) -> Caller:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise _unknown("Send an access token: 'Authorization: Bearer <token>'.")
    keys = cast(Keys, request.app.state.keys)
    try:
        # Published keys may have to be fetched, and PyJWT does so blocking.
        key = keys.key_of(token) if isinstance(keys, Secret) else await anyio.to_thread.run_sync(keys.key_of, token)
        claims = jwt.decode(
            token, key, algorithms=list(keys.algorithms), options={"require": ["exp", "sub"], "verify_aud": False}
        )
        return _caller(claims)
    except jwt.PyJWKClientConnectionError:
        raise Problem(
            503, "keys-unreachable", "Tokens cannot be checked now: the keys do not answer. Try again later."
        ) from None
    except (jwt.PyJWTError, ValueError, TypeError) as fault:
        raise _unknown(
            f"The access token is not valid ({type(fault).__name__}). Get a new one and try again."
        ) from None


def _caller(claims: dict[str, Any]) -> Caller:
    granted: Any = claims.get("subaccounts", [])
    if granted != "*" and not isinstance(granted, list):
        raise TypeError("subaccounts")
    return Caller(
        user=str(claims["sub"]),
        subaccounts=None if granted == "*" else frozenset(str(one) for one in granted),
        scopes=frozenset(str(claims.get("scope", "")).split()),
    )


def _check_tenant(caller: Caller, subaccount: object) -> None:
    if subaccount is None:
        return
    try:
        known = caller.may_see(UUID(str(subaccount)))
    except ValueError:
        known = False
    if not known:
        raise not_found("subaccount")


def _unknown(detail: str) -> Problem:
    return Problem(401, "token-refused", detail, headers={"WWW-Authenticate": "Bearer"})


def mint(secret: str, *, user: str, subaccounts: Sequence[str], scope: str, now: datetime, lifetime: timedelta) -> str:
    """Return a development token, signed with the shared secret; `*` among the subaccounts means all."""
    granted: str | list[str] = "*" if "*" in subaccounts else list(subaccounts)
    claims = {"sub": user, "subaccounts": granted, "scope": scope, "iat": now, "exp": now + lifetime}
    return jwt.encode(claims, secret, algorithm="HS256")
