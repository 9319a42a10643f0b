"""Deleting by agreement (R18): who is waited for before a calendar's appointments are removed."""

from uuid import UUID

from domain.calendar import Calendar


def delete_is_agreed(calendar: Calendar) -> bool:
    """Tell whether every user who had the calendar selected has left it with "delete" (R18)."""
    return not calendar.selected and bool(calendar.choices) and set(calendar.choices.values()) == {"delete"}


def waited_for(calendar: Calendar, user_id: UUID) -> list[UUID] | None:
    """Return who must still choose "delete" before a user's own "delete" has effect; None where nothing waits.

    Those are the users who have the calendar selected and those who left it with "keep".
    """
    if calendar.choices.get(user_id) != "delete":
        return None
    kept = {user for user, choice in calendar.choices.items() if choice == "keep"}
    return sorted(kept | set(calendar.selected_by)) or None
