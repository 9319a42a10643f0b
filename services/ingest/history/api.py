"""Histories over HTTP (DESIGN 4)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from domain.booking import BookingImported
from domain.contact import ContactUpserted
from domain.recorded import Recorded
from services.ingest.event_store import EventStore
from services.ingest.history.telling import History, subaccount_of, tell
from services.runtime.problems import not_found
from services.runtime.tokens import authorized

AsOf = Annotated[AwareDatetime | None, Query(description="as things were at this moment")]


def router(store: EventStore) -> APIRouter:
    """Return the routes of histories."""
    routes = APIRouter(prefix="/v1/subaccounts/{s}/history", tags=["history"])

    @routes.get("/appointments/{appointment_id}", dependencies=[Depends(authorized("appointments:read"))])
    async def appointment_history(s: UUID, appointment_id: UUID, as_of: AsOf = None) -> History:
        """Return why an appointment is as it is, or was; deleted ones have their history too."""
        return await _history(store, s, appointment_id, BookingImported, as_of)

    @routes.get("/contacts/{contact_id}", dependencies=[Depends(authorized("contacts:read"))])
    async def contact_history(s: UUID, contact_id: UUID, as_of: AsOf = None) -> History:
        """Return why a contact is as it is, or was."""
        return await _history(store, s, contact_id, ContactUpserted, as_of)

    return routes


async def _history(
    store: EventStore, subaccount_id: UUID, aggregate_id: UUID, kind: type[Recorded], as_of: AwareDatetime | None
) -> History:
    entries = await store.history(aggregate_id)
    if not entries or not isinstance(entries[0].event, kind) or subaccount_of(entries) != subaccount_id:
        raise not_found("appointment" if kind is BookingImported else "contact")
    return tell(entries, as_of=as_of)
