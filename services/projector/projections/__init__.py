"""One projection per file: what it reads, how events fold into changes (pure), how changes become rows."""

from services.projector.projections.appointments import Appointments
from services.projector.projections.contacts import Contacts
from services.projector.projections.projection import Projection

PROJECTIONS: dict[str, Projection] = {one.name: one for one in (Appointments(), Contacts())}

__all__ = ["PROJECTIONS", "Appointments", "Contacts", "Projection"]
