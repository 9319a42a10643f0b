"""Appointments and contacts as one would write them with the eventsourcing library's own classes."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

_NAMESPACE = UUID("00000000-0000-4000-8000-0000000000ae")


def id_of(*parts: object) -> UUID:
    """Return the id that is derived from what identifies something outside."""
    return uuid5(_NAMESPACE, " ".join(map(str, parts)))


class Appointment(Aggregate):
    """An appointment."""

    class Imported(Aggregate.Created):
        """It was booked."""

        invitee_uri: str
        subaccount_id: UUID
        calendar_uri: str
        title: str
        starts_at: datetime
        ends_at: datetime
        contact_id: UUID
        booked_at: datetime

    class OwnerAssigned(Aggregate.Event):
        """It has its owner."""

        owner_user_id: UUID

    @event(Imported)
    def __init__(
        self,
        *,
        invitee_uri: str,
        subaccount_id: UUID,
        calendar_uri: str,
        title: str,
        starts_at: datetime,
        ends_at: datetime,
        contact_id: UUID,
        booked_at: datetime,
    ) -> None:
        self.invitee_uri = invitee_uri
        self.subaccount_id = subaccount_id
        self.calendar_uri = calendar_uri
        self.title = title
        self.starts_at = starts_at
        self.ends_at = ends_at
        self.contact_id = contact_id
        self.booked_at = booked_at
        self.owner_user_id: UUID | None = None

    @staticmethod
    def create_id(*, subaccount_id: UUID, invitee_uri: str, **_: Any) -> UUID:
        """Derive the id."""
        return id_of("appointment", subaccount_id, invitee_uri)

    @event(OwnerAssigned)
    def assign(self, owner_user_id: UUID) -> None:
        """Give the appointment its owner."""
        self.owner_user_id = owner_user_id


class Contact(Aggregate):
    """A contact."""

    @event("Created")
    def __init__(self, *, subaccount_id: UUID, email: str, name: str) -> None:
        self.subaccount_id = subaccount_id
        self.email = email
        self.name = name
        self.assigned_user_id: UUID | None = None

    @staticmethod
    def create_id(*, subaccount_id: UUID, email: str, **_: Any) -> UUID:
        """Derive the id."""
        return id_of("contact", subaccount_id, email)

    @event("BookingAdded")
    def add(self, appointment_id: UUID, owner_user_id: UUID) -> None:
        """Take the owner of the newest appointment."""
        self.latest_appointment_id = appointment_id
        self.assigned_user_id = owner_user_id


class Crm(Application[UUID]):
    """The application, with the library's own settings."""


def environment(database_url: str) -> dict[str, str]:
    """Return the library's settings for a database; everything else stays as it is by default."""
    parts = urlsplit(database_url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.lstrip("/"),
        "POSTGRES_HOST": parts.hostname or "",
        "POSTGRES_PORT": str(parts.port or 5432),
        "POSTGRES_USER": parts.username or "",
        "POSTGRES_PASSWORD": parts.password or "",
    }
