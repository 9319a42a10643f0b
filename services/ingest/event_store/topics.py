"""Which class stands behind each stored name. The names are declared on the events and never change."""

from eventsourcing.utils import register_topic

from domain.account_link import AccountLinked, AccountUnlinked
from domain.booking import BookingDeleted, BookingImported, OwnerAssigned
from domain.calendar import SelectionAdded, SelectionRemoved
from domain.connection import CalendarDeselected, CalendarSelected, CalendlyConnected, CalendlyDisconnected
from domain.contact import ContactErased, ContactUpserted
from domain.recorded import Recorded

STORED_EVENTS: tuple[type[Recorded], ...] = (
    AccountLinked,
    AccountUnlinked,
    BookingDeleted,
    BookingImported,
    CalendarDeselected,
    CalendarSelected,
    CalendlyConnected,
    CalendlyDisconnected,
    ContactErased,
    ContactUpserted,
    OwnerAssigned,
    SelectionAdded,
    SelectionRemoved,
)


def register() -> None:
    """Make every stored name known to the library, before anything is read."""
    for event in STORED_EVENTS:
        register_topic(event.TOPIC, event)
