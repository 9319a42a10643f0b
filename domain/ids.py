"""Derived ids: the same thing has the same id whoever derives it and however often, so what comes twice is one."""

from functools import lru_cache
from uuid import UUID, uuid5

_NAMESPACE = UUID("5b8f9a3e-6d0c-5d3a-9f55-1f2c0f6f7c11")


def booking_id(*, subaccount_id: UUID, invitee_uri: str) -> UUID:
    """Return the id of the first appointment of one invitee in a subaccount (DESIGN 2: one invitee is one booking)."""
    return _derive("booking", subaccount_id, invitee_uri)


def next_booking_id(deleted: UUID) -> UUID:
    """Return the id of the appointment that R15 makes in place of a deleted one (R19: never the same id)."""
    return _derive("booking after", deleted)


def contact_id(*, subaccount_id: UUID, address: str) -> UUID:
    """Return the id of the contact with this folded e-mail address in a subaccount (R9)."""
    return _derive("contact", subaccount_id, address)


def next_contact_id(erased: UUID) -> UUID:
    """Return the id of the contact that a person has who was erased and books again: what was erased stays erased."""
    return _derive("contact after", erased)


@lru_cache(maxsize=10_000)
def calendar_id(*, subaccount_id: UUID, calendar_uri: str) -> UUID:
    """Return the id of a calendar as one subaccount sees it (DESIGN 2: selection is said within a subaccount).

    Kept, because each of a calendar's bookings asks for it.
    """
    return _derive("calendar", subaccount_id, calendar_uri)


def account_link_id(calendly_user_uri: str) -> UUID:
    """Return the id of the one place a Calendly account can be linked to (R21)."""
    return _derive("account", calendly_user_uri)


def user_slot_id(*, subaccount_id: UUID, user_id: UUID) -> UUID:
    """Return the id of the one place a user has for a Calendly account in a subaccount (R20)."""
    return _derive("user", subaccount_id, user_id)


def _derive(*parts: object) -> UUID:
    return uuid5(_NAMESPACE, "\n".join(str(part) for part in parts))
