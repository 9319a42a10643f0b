"""Who may do what: 401 without a valid token, 403 without the scope, 404 for another tenant's subaccount."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import APIRouter, Depends, FastAPI
from prometheus_client import CollectorRegistry
from pydantic import AnyHttpUrl, SecretStr

from devstack.processes import free_port
from services.runtime.health import Checks
from services.runtime.settings import SettingsError, TokenSettings
from services.runtime.tokens import Caller, Keys, Published, Secret, authorized, keys_from, mint
from services.runtime.web import new_app
from tests.support.serving import client_of, serving

SECRET = "a secret for tests, of enough letters"
OURS = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
THEIRS = UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
USER = "9b2d7a44-6c1f-4f0e-8a5b-2d8c5e7f1a90"


def app_with(keys: Keys) -> FastAPI:
    routes = APIRouter()

    @routes.get("/v1/subaccounts/{s}/contacts")
    async def contacts(s: UUID, caller: Annotated[Caller, Depends(authorized("contacts:read"))]) -> dict[str, str]:
        return {"subaccount": str(s), "user": caller.user}

    @routes.get("/v1/projections", dependencies=[Depends(authorized("operations"))])
    async def projections() -> dict[str, str]:
        return {}

    return new_app("test", keys=keys, checks=Checks({}), registry=CollectorRegistry(), routers=(routes,))


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(app_with(Secret(SECRET))) as opened:
        yield opened


def token(
    *,
    subaccounts: tuple[str, ...] = (str(OURS),),
    scope: str = "contacts:read",
    secret: str = SECRET,
    lifetime: timedelta = timedelta(hours=1),
) -> str:
    return mint(secret, user=USER, subaccounts=subaccounts, scope=scope, now=datetime.now(UTC), lifetime=lifetime)


def claims(**changes: Any) -> dict[str, Any]:
    soon = datetime.now(UTC) + timedelta(hours=1)
    made = {"sub": USER, "subaccounts": "*", "scope": "contacts:read", "exp": soon, **changes}
    return {name: value for name, value in made.items() if value is not None}


def signed(payload: dict[str, Any]) -> str:
    return jwt.encode(payload, SECRET, algorithm="HS256")


async def ask(client: httpx2.AsyncClient, presented: str | None, *, subaccount: object = OURS) -> httpx2.Response:
    headers = {} if presented is None else {"Authorization": presented}
    return await client.get(f"/v1/subaccounts/{subaccount}/contacts", headers=headers)


async def test_a_caller_with_the_scope_gets_in_at_its_own_subaccount(client: httpx2.AsyncClient) -> None:
    answer = await ask(client, f"Bearer {token()}")
    assert (answer.status_code, answer.json()) == (200, {"subaccount": str(OURS), "user": USER})


async def test_a_caller_of_all_subaccounts_gets_in_at_each(client: httpx2.AsyncClient) -> None:
    answers = [await ask(client, f"bearer {token(subaccounts=('*',))}", subaccount=one) for one in (OURS, THEIRS)]
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize(
    "presented",
    [
        None,
        "",
        "Bearer",
        "Basic dXNlcjpwYXNz",
        "Bearer nonsense",
        f"Bearer {token(secret='another secret, also of enough letters')}",
        f"Bearer {token(lifetime=timedelta(seconds=-1))}",
        f"Bearer {signed(claims(sub=None))}",
        f"Bearer {signed(claims(exp=None))}",
        f"Bearer {signed(claims(subaccounts=str(OURS)))}",
        f"Bearer {jwt.encode(claims(), None, algorithm='none')}",
    ],
    ids=[
        *("no header", "empty header", "no token", "another kind", "nonsense", "another secret", "expired"),
        *("no user", "no end", "subaccounts not a list", "unsigned"),
    ],
)
async def test_without_a_valid_token_the_answer_is_401(client: httpx2.AsyncClient, presented: str | None) -> None:
    answer = await ask(client, presented)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/token-refused"


async def test_without_the_scope_the_answer_is_403_and_names_it(client: httpx2.AsyncClient) -> None:
    answer = await ask(client, f"Bearer {token(scope='contacts:readers operations')}")
    assert answer.status_code == 403
    assert answer.json() == {
        "type": "/problems/scope-missing",
        "title": "Forbidden",
        "status": 403,
        "detail": "The token lacks the scope 'contacts:read'. Ask for a token that has it.",
        "scope": "contacts:read",
    }


@pytest.mark.parametrize("subaccount", [THEIRS, "no-id"])
async def test_another_tenants_subaccount_answers_as_one_that_does_not_exist(
    client: httpx2.AsyncClient, subaccount: object
) -> None:
    answer = await ask(client, f"Bearer {token()}", subaccount=subaccount)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_a_token_without_subaccounts_sees_none(client: httpx2.AsyncClient) -> None:
    answer = await ask(client, f"Bearer {signed(claims(subaccounts=None))}")
    assert answer.status_code == 404


async def test_an_address_without_subaccount_asks_for_the_scope_alone(client: httpx2.AsyncClient) -> None:
    headers = {"Authorization": f"Bearer {token(subaccounts=(), scope='operations')}"}
    assert (await client.get("/v1/projections", headers=headers)).status_code == 200


async def test_published_keys_are_fetched_and_used() -> None:
    # given a key published at a URL, and another one that is not
    known, unknown = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    published = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(known.public_key())) | {"kid": "k1", "use": "sig"}
    issuer = FastAPI()
    issuer.add_api_route("/keys", lambda: {"keys": [published]})
    async with serving(issuer) as url, client_of(app_with(Published(f"{url}/keys"))) as client:
        # when tokens of several kinds are presented
        tokens = {
            200: jwt.encode(claims(), known, algorithm="ES256", headers={"kid": "k1"}),
            401: jwt.encode(claims(), unknown, algorithm="ES256", headers={"kid": "k1"}),
        }
        answers = {status: (await ask(client, f"Bearer {one}")).status_code for status, one in tokens.items()}
        unnamed = await ask(client, f"Bearer {jwt.encode(claims(), known, algorithm='ES256', headers={'kid': 'k2'})}")
        confused = await ask(client, f"Bearer {jwt.encode(claims(), SECRET, headers={'kid': 'k1'})}")
    # then only the one that the published key signed is taken
    assert answers == {200: 200, 401: 401}
    assert (unnamed.status_code, confused.status_code) == (401, 401)


async def test_keys_that_do_not_answer_are_not_the_callers_fault() -> None:
    async with client_of(app_with(Published(f"http://127.0.0.1:{free_port()}/keys"))) as client:
        key = ec.generate_private_key(ec.SECP256R1())
        answer = await ask(client, f"Bearer {jwt.encode(claims(), key, algorithm='ES256', headers={'kid': 'k1'})}")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/keys-unreachable")


def test_without_any_key_a_service_refuses_to_start() -> None:
    with pytest.raises(SettingsError, match=r"^AUTH_JWKS_URL: not set"):
        keys_from(TokenSettings.model_construct(auth_jwks_url=None, auth_jwt_secret=None))


def test_published_keys_win_over_a_shared_secret() -> None:
    both = TokenSettings.model_construct(
        auth_jwks_url=AnyHttpUrl("https://login.example.com/keys"), auth_jwt_secret=SecretStr(SECRET)
    )
    assert isinstance(keys_from(both), Published)
