"""Who owns an appointment (R11, R12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from domain.booking import Owner
from domain.calendar import Calendar

Draw = Callable[[Sequence[UUID]], UUID]
"""Picks one of several users at random; passed in, so that the domain itself is certain."""


def assign_owner(calendar: Calendar, *, delivered_to: UUID, draw: Draw) -> Owner:
    """Return the owner of a new appointment of a selected calendar.

    Personal: the user who connected the account (R11). Shared: one of those who have it selected, drawn (R12).
    """
    users = tuple(sorted(calendar.selected_by))
    if calendar.label is not None and calendar.label.kind == "shared":
        return Owner(user_id=draw(users), rule="random_connected_user", candidates=users)
    user = delivered_to if delivered_to in calendar.selected_by else users[0]
    return Owner(user_id=user, rule="connecting_user", candidates=(user,))
