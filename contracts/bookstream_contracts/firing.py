"""When each event fires and when it does not, for the AsyncAPI document."""

FIRES: dict[str, tuple[str, str]] = {
    "bookstream.BookingImported.v1": (
        "once for each invitee whose booking became an appointment: delivered, found by comparing with Calendly, or "
        "brought back when its calendar was selected again (via: reconnect)",
        "when a booking is cancelled or rescheduled, delivered again, was made while nobody had the calendar selected, "
        "or before the account was first connected",
    ),
    "bookstream.OwnerAssigned.v1": (
        "right after BookingImported of the same appointment; the draw is made once",
        "when a user leaves a shared calendar: owners do not change",
    ),
    "bookstream.BookingDeleted.v1": (
        "when everybody who had the calendar chose to delete its appointments; for each of them, once",
        "when a booking is cancelled at Calendly, or while one user keeps the calendar",
    ),
    "bookstream.ContactUpserted.v1": (
        "when a guest books for the first time, and when a later booking changes the assigned user or the latest "
        "appointment; a null value when the person is forgotten",
        "when an earlier booking arrives late, or appointments are deleted; name and e-mail stay as they were first",
    ),
    "bookstream.CalendlyConnected.v1": (
        "when a user connected a Calendly account",
        "when the access of a connection is renewed",
    ),
    "bookstream.CalendarSelected.v1": (
        "when a user selected a calendar; again is true when anybody in the subaccount had selected it before",
        "for a calendar that stays selected when the selection is edited",
    ),
    "bookstream.CalendarDeselected.v1": (
        "when a user deselected a calendar, or disconnected while it was selected, with the choice to keep or delete",
        "when the calendar is deleted or renamed at Calendly",
    ),
    "bookstream.CalendlyDisconnected.v1": (
        "when a user disconnected an account; after the CalendarDeselected of its calendars",
        "when Calendly refuses the access, or a plan lapses: the connection stays",
    ),
}
"""By `ce_type`: when it fires, and when somebody might expect it in vain."""
