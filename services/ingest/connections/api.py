"""The connections API (DESIGN 4)."""

import re
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, StringConstraints

from domain.recorded import Context
from services.ingest.calendly.oauth import Grant
from services.ingest.connections.answers import as_problems
from services.ingest.connections.connect_account import ConnectAccount, connect
from services.ingest.connections.dependencies import Dependencies
from services.ingest.connections.disconnect_account import disconnect
from services.ingest.connections.edit_selection import EditSelection, edit
from services.ingest.connections.rows import Row
from services.ingest.connections.views import ConnectionList, ConnectionView, summary, view
from services.runtime.problems import Problem, not_found
from services.runtime.tokens import authorized
from services.runtime.trace import valid_trace

READS = Depends(authorized("connections:read"))
WRITES = Depends(authorized("connections:write"))
Choice = Literal["keep", "delete"]
CalendarUri = Annotated[str, StringConstraints(min_length=1, max_length=500)]


def _check_token(given: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[\x21-\x7e]{1,4096}", given.get_secret_value()):
        raise ValueError("must be a token as Calendly shows it, without spaces")
    return given


Token = Annotated[SecretStr, AfterValidator(_check_token)]


class ConnectBody(BaseModel):
    """Who connects, and the account's token."""

    model_config = ConfigDict(extra="forbid")

    user_id: UUID
    personal_access_token: Token


class SelectionBody(BaseModel):
    """The whole selection, and the choice for each calendar that leaves it (R16)."""

    model_config = ConfigDict(extra="forbid")

    selected: list[CalendarUri]
    removed: dict[CalendarUri, Choice] = {}


def router(deps: Dependencies) -> APIRouter:
    """Return the routes of connections."""
    routes = APIRouter(prefix="/v1/subaccounts/{s}/connections", tags=["connections"])
    _add_reading(routes, deps)
    _add_connecting(routes, deps)
    _add_selecting(routes, deps)
    return routes


def _add_reading(routes: APIRouter, deps: Dependencies) -> None:
    @routes.get("", dependencies=[READS])
    async def list_connections(s: UUID) -> ConnectionList:
        """Return the subaccount's connections."""
        return ConnectionList(items=[summary(row) for row in await deps.rows.of_subaccount(s)])

    @routes.get("/{connection_id}", dependencies=[READS], response_model_exclude_unset=True)
    async def get_connection(s: UUID, connection_id: UUID) -> ConnectionView:
        """Return one connection with its calendars."""
        return await view(deps, await _row(deps, s, connection_id))


def _add_connecting(routes: APIRouter, deps: Dependencies) -> None:
    @routes.post("", status_code=201, dependencies=[WRITES], response_model_exclude_unset=True)
    async def connect_account(s: UUID, body: ConnectBody, request: Request, response: Response) -> ConnectionView:
        """Connect a user's Calendly account (R20, R21, R22); 200 where the access of a connection was renewed."""
        token = body.personal_access_token.get_secret_value()
        command = ConnectAccount(subaccount_id=s, user_id=body.user_id, grant=Grant(access=token))
        with as_problems():
            made = await connect(deps, command, context_of(deps, request))
        response.status_code = 201 if made.new else 200
        response.headers["Location"] = f"/v1/subaccounts/{s}/connections/{made.id}"
        return await view(deps, await _row(deps, s, made.id))

    @routes.delete("/{connection_id}", status_code=204, dependencies=[WRITES])
    async def disconnect_account(
        s: UUID, connection_id: UUID, request: Request, synced_events: Annotated[str | None, Query()] = None
    ) -> None:
        """Disconnect; what becomes of the synced events must be chosen (R16)."""
        row = await _row(deps, s, connection_id)
        with as_problems():
            await disconnect(deps, row, _choice(synced_events), context_of(deps, request))


def _add_selecting(routes: APIRouter, deps: Dependencies) -> None:
    @routes.put("/{connection_id}/calendars", dependencies=[WRITES], response_model_exclude_unset=True)
    async def select_calendars(s: UUID, connection_id: UUID, body: SelectionBody, request: Request) -> ConnectionView:
        """Set the whole selection (R13, R14, R16); all of it succeeds or nothing changes."""
        row = await _row(deps, s, connection_id)
        command = EditSelection(selected=frozenset(body.selected), removed=body.removed)
        with as_problems():
            await edit(deps, row, command, context_of(deps, request))
        return await view(deps, await _row(deps, s, connection_id))


async def _row(deps: Dependencies, subaccount_id: UUID, connection_id: UUID) -> Row:
    row = await deps.rows.one(subaccount_id, connection_id)
    if row is None:
        raise not_found("connection")
    return row


def _choice(given: str | None) -> Choice:
    if given == "keep" or given == "delete":  # noqa: PLR1714, so that the type is known
        return given
    detail = "Choose what becomes of the synced events: add '?synced_events=keep' or '?synced_events=delete'."
    raise Problem(422, "choice-missing", detail, rule="R16")


def context_of(deps: Dependencies, request: Request) -> Context:
    """Return when and by which call something is changed."""
    trace = valid_trace(request.headers.get("traceparent"))
    return Context(at=deps.clock(), cause="command", cause_id=uuid4(), trace=trace)
