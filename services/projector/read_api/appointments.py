"""Appointments: list, one, and the refusal to edit them here (R2)."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from services.projector.read_api.cursor import Cursor, read_cursor
from services.projector.read_api.models import Appointment, CalendarOf, ContactOf, Limit, Page, PageCursor
from services.runtime.problems import Problem, not_found
from services.runtime.tokens import Caller, authorized

_SELECT = """
SELECT a.*, c.name AS contact_name, c.email AS contact_email, coalesce(c.erased, false) AS erased,
       a.contact_id IS NOT NULL AND c.id IS NULL AS awaits_contact
  FROM projector.appointments AS a LEFT JOIN projector.contacts AS c ON c.id = a.contact_id
 WHERE a.subaccount_id = $1
"""

_ONE = f"{_SELECT} AND a.id = $2"

_LIST = f"""{_SELECT}
   AND ($2::text IS NULL OR a.calendar_uri = $2)
   AND ($3::uuid IS NULL OR a.owner_user_id = $3)
   AND ($4::uuid IS NULL OR (a.contact_id = $4 AND c.erased IS NOT TRUE))
   AND ($5::timestamptz IS NULL OR a.starts_at >= $5)
   AND ($6::timestamptz IS NULL OR a.starts_at < $6)
   AND ($7::timestamptz IS NULL OR (a.starts_at, a.id) > ($7, $8::uuid))
 ORDER BY a.starts_at, a.id
 LIMIT $9
"""

CONTACT_WITHIN = 0.5
LOOK_EVERY = 0.02
"""Seconds to wait for a contact that is not there yet, and between two looks."""

Reader = Annotated[Caller, Depends(authorized("appointments:read"))]


def router(pool: asyncpg.Pool) -> APIRouter:
    """Return the routes of appointments."""
    routes = APIRouter(prefix="/v1/subaccounts/{s}/appointments", tags=["appointments"])
    _add_list(routes, pool)
    _add_one(routes, pool)
    return routes


def _add_list(routes: APIRouter, pool: asyncpg.Pool) -> None:
    @routes.get("", response_model_exclude_unset=True)
    async def list_appointments(
        *,
        s: UUID,
        caller: Reader,
        calendar: Annotated[str | None, Query(description="a calendar's URI")] = None,
        owner: UUID | None = None,
        contact: UUID | None = None,
        from_: Annotated[AwareDatetime | None, Query(alias="from", description="starts at or after")] = None,
        to: Annotated[AwareDatetime | None, Query(description="starts before")] = None,
        limit: Limit = 50,
        cursor: PageCursor = None,
    ) -> Page[Appointment]:
        """Return appointments in the order of their start."""
        filters = (calendar, owner, contact, from_, to)
        return await page_of_appointments(pool, s, caller, filters=filters, limit=limit, cursor=cursor)


def _add_one(routes: APIRouter, pool: asyncpg.Pool) -> None:
    @routes.get("/{appointment_id}", response_model_exclude_unset=True)
    async def get_appointment(s: UUID, appointment_id: UUID, caller: Reader) -> Appointment:
        """Return one appointment."""
        rows = await _with_contacts(lambda: pool.fetch(_ONE, s, appointment_id))
        if not rows:
            raise not_found("appointment")
        return _appointment(rows[0], caller)

    edit: dict[str, Any] = {
        "dependencies": [Depends(authorized("appointments:read"))],
        "responses": {405: {"description": "always"}},
    }

    @routes.put("/{appointment_id}", **edit)
    @routes.patch("/{appointment_id}", **edit)
    @routes.delete("/{appointment_id}", **edit)
    async def refuse_to_edit() -> None:
        """Refuse: an appointment that came from Calendly is edited there (R2)."""
        detail = "This appointment came from Calendly and cannot be changed here. Edit it in Calendly."
        raise Problem(405, "edit-in-calendly", detail, headers={"Allow": "GET"}, rule="R2")


Filters = tuple[str | None, UUID | None, UUID | None, datetime | None, datetime | None]


async def page_of_appointments(
    pool: asyncpg.Pool, subaccount: UUID, caller: Caller, *, filters: Filters, limit: int, cursor: str | None
) -> Page[Appointment]:
    """Return one page. `filters` are calendar, owner, contact, from and to. Raises Problem (422) for a bad cursor."""
    after = read_cursor(cursor)
    place = (after.moment, after.id) if after else (None, None)
    rows = await _with_contacts(lambda: pool.fetch(_LIST, subaccount, *filters, *place, limit + 1))
    more = str(Cursor(rows[limit - 1]["starts_at"], rows[limit - 1]["id"])) if len(rows) > limit else None
    return Page(items=[_appointment(row, caller) for row in rows[:limit]], next_cursor=more)


async def _with_contacts(fetch: Callable[[], Awaitable[list[asyncpg.Record]]]) -> list[asyncpg.Record]:
    """Read until every row's contact is there: it comes by another topic, and may be some milliseconds behind.

    One that is long in coming does not hold the answer up: its name and e-mail are null then.
    """
    until = time.monotonic() + CONTACT_WITHIN
    while True:
        rows = await fetch()
        if not any(row["awaits_contact"] for row in rows) or time.monotonic() > until:
            return rows
        await asyncio.sleep(LOOK_EVERY)


def _appointment(row: asyncpg.Record, caller: Caller) -> Appointment:
    calendar = CalendarOf(uri=row["calendar_uri"], name=row["calendar_name"], kind=row["calendar_kind"])
    facts: dict[str, Any] = {name: row[name] for name in Appointment.model_fields if name in row}
    return Appointment(**facts, calendar=calendar, contact=_contact(row, caller))


def _contact(row: asyncpg.Record, caller: Caller) -> ContactOf | None:
    if row["contact_id"] is None or row["erased"]:
        return None
    if "contacts:read" not in caller.scopes:
        return ContactOf(id=row["contact_id"])
    return ContactOf(id=row["contact_id"], name=row["contact_name"], email=row["contact_email"])
