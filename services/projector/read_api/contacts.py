"""Contacts: list, one, and the appointments below one."""

from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query

from services.projector.read_api.appointments import Reader as AppointmentsReader
from services.projector.read_api.appointments import page_of_appointments
from services.projector.read_api.cursor import Cursor, read_cursor
from services.projector.read_api.models import Appointment, Contact, Limit, Page, PageCursor
from services.runtime.problems import not_found
from services.runtime.tokens import authorized

_SELECT = """
SELECT c.*, (SELECT count(*) FROM projector.appointments AS a WHERE a.contact_id = c.id) AS appointment_count
  FROM projector.contacts AS c WHERE c.subaccount_id = $1 AND NOT c.erased
"""

_ONE = f"{_SELECT} AND c.id = $2"

_LIST = f"""{_SELECT}
   AND ($2::text IS NULL OR c.address = $2)
   AND ($3::uuid IS NULL OR c.assigned_user_id = $3)
   AND ($4::timestamptz IS NULL OR (c.first_seen_at, c.id) > ($4, $5::uuid))
 ORDER BY c.first_seen_at, c.id
 LIMIT $6
"""

READER = Depends(authorized("contacts:read"))


def router(pool: asyncpg.Pool) -> APIRouter:
    """Return the routes of contacts."""
    routes = APIRouter(prefix="/v1/subaccounts/{s}/contacts", tags=["contacts"])
    _add_contacts(routes, pool)
    _add_appointments_of_one(routes, pool)
    return routes


def _add_contacts(routes: APIRouter, pool: asyncpg.Pool) -> None:
    @routes.get("", dependencies=[READER])
    async def list_contacts(
        *,
        s: UUID,
        email: Annotated[str | None, Query(description="compared trimmed and case-folded")] = None,
        assigned_user: UUID | None = None,
        limit: Limit = 50,
        cursor: PageCursor = None,
    ) -> Page[Contact]:
        """Return contacts in the order in which they were first seen."""
        after = read_cursor(cursor)
        place = (after.moment, after.id) if after else (None, None)
        address = None if email is None else email.strip().casefold()
        rows = await pool.fetch(_LIST, s, address, assigned_user, *place, limit + 1)
        more = str(Cursor(rows[limit - 1]["first_seen_at"], rows[limit - 1]["id"])) if len(rows) > limit else None
        return Page(items=[Contact(**row) for row in rows[:limit]], next_cursor=more)

    @routes.get("/{contact_id}", dependencies=[READER])
    async def get_contact(s: UUID, contact_id: UUID) -> Contact:
        """Return one contact."""
        row = await pool.fetchrow(_ONE, s, contact_id)
        if row is None:
            raise not_found("contact")
        return Contact(**row)


def _add_appointments_of_one(routes: APIRouter, pool: asyncpg.Pool) -> None:
    @routes.get("/{contact_id}/appointments", response_model_exclude_unset=True)
    async def list_appointments_of_contact(
        s: UUID, contact_id: UUID, caller: AppointmentsReader, limit: Limit = 50, cursor: PageCursor = None
    ) -> Page[Appointment]:
        """Return a contact's appointments in the order of their start."""
        if await pool.fetchval(_ONE, s, contact_id) is None:
            raise not_found("contact")
        filters = (None, None, contact_id, None, None)
        return await page_of_appointments(pool, s, caller, filters=filters, limit=limit, cursor=cursor)
