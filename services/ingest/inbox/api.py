"""What became of deliveries, over HTTP (DESIGN 4)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.ingest.inbox.views import became
from services.runtime.tokens import authorized


class DeliveryView(BaseModel):
    """A delivery and its outcome; `rule` is the R-number behind it, where one decided."""

    id: UUID
    received_at: datetime
    connection_id: UUID
    event: str
    invitee_uri: str
    outcome: Literal["imported", "duplicate", "left_out", "ignored", "parked"]
    rule: str | None
    appointment_id: UUID | None


InviteeUri = Annotated[str, Query(min_length=1, max_length=500, description="Calendly's URI of the invitee")]


def router(pool: asyncpg.Pool) -> APIRouter:
    """Return the routes of deliveries."""
    routes = APIRouter(prefix="/v1/subaccounts/{s}/deliveries", tags=["deliveries"])

    @routes.get("", dependencies=[Depends(authorized("operations"))])
    async def list_deliveries(s: UUID, invitee_uri: InviteeUri) -> list[DeliveryView]:
        """Return what became of an invitee's deliveries, in the order of arrival; those that wait come later."""
        rows = await became(pool, subaccount_id=s, invitee_uri=invitee_uri)
        return [DeliveryView.model_validate(row) for row in rows]

    return routes
