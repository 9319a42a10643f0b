"""What the read API answers with."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

Limit = Annotated[int, Query(ge=1, le=200, description="items on a page")]
PageCursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]


class CalendarOf(BaseModel):
    """The calendar that an appointment belongs to."""

    uri: str
    name: str
    kind: Literal["personal", "shared"]


class ContactOf(BaseModel):
    """An appointment's contact; name and e-mail only with the scope `contacts:read`."""

    id: UUID
    name: str | None = None
    email: str | None = None


class Appointment(BaseModel):
    """An appointment that came from Calendly (R5). It is edited there, not here (R2)."""

    id: UUID
    calendar: CalendarOf
    title: str
    starts_at: datetime
    ends_at: datetime
    source: str
    status: str
    contact: ContactOf | None
    owner_user_id: UUID | None
    booked_at: datetime
    imported_at: datetime
    via: Literal["webhook", "reconciliation", "reconnect"]


class Contact(BaseModel):
    """A contact (R9, R10). `appointment_count` counts the appointments that exist."""

    id: UUID
    name: str
    email: str
    assigned_user_id: UUID
    latest_appointment_id: UUID
    appointment_count: int
    first_seen_at: datetime


Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """A page of a list; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None
