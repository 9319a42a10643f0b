"""Decide a whole batch, purely: which deliveries become appointments, which do not and why, which must be parked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.booked import BookedInvitee
from domain.import_booking import Outcome, import_booking
from domain.ownership import Draw
from domain.recorded import Context
from services.ingest.importing.gather import Gathered, Told
from services.ingest.importing.translate import Malformed, translate
from services.ingest.inbox.deliveries import Delivery, Receiver

CREATED = "invitee.created"


@dataclass(kw_only=True)
class Sorted:
    """Deliveries before any decision: those that tell of a booking, those already settled, those to be parked."""

    told: list[Told] = field(default_factory=list[Told])
    outcomes: dict[UUID, Outcome] = field(default_factory=dict[UUID, Outcome])
    parked: dict[UUID, str] = field(default_factory=dict[UUID, str])

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to decide and nothing to settle."""
        return not (self.told or self.outcomes or self.parked)

    def parking(self, fault: "Undecidable") -> "Sorted":
        """Return the same without the booking that could not be decided: that one is parked."""
        told = [one for one in self.told if one.delivery_id != fault.delivery_id]
        return Sorted(told=told, outcomes=self.outcomes, parked={**self.parked, fault.delivery_id: fault.reason})


class Undecidable(Exception):
    """A decision failed where none may: the delivery is parked and the rest of its batch is decided anew."""

    def __init__(self, delivery_id: UUID, error: Exception) -> None:
        self.delivery_id = delivery_id
        self.reason = f"could not be decided: {type(error).__name__}"
        super().__init__(self.reason)


def sort_out(deliveries: Sequence[Delivery]) -> Sorted:
    """Translate each delivery; a cancellation changes nothing (R7), what cannot be read is parked with its reason."""
    out = Sorted()
    for delivery in deliveries:
        if delivery.event != CREATED:
            out.outcomes[delivery.id] = Outcome(kind="ignored", rule="R7")
            continue
        if delivery.receiver is None:
            out.parked[delivery.id] = "its connection is not known; retry once the connection is there"
            continue
        try:
            booked = translate(delivery.body)
        except Malformed as fault:
            out.parked[delivery.id] = str(fault)
        else:
            out.told.append(_told(delivery, delivery.receiver, booked))
    return out


def _told(delivery: Delivery, receiver: Receiver, booked: BookedInvitee) -> Told:
    return Told(
        delivery_id=delivery.id,
        subaccount_id=receiver.subaccount_id,
        user_id=receiver.user_id,
        booked=booked,
        trace=delivery.trace,
        plan_accepted=receiver.plan_accepted,
    )


def decide(
    told: Sequence[Told], gathered: Gathered, *, clock: Callable[[], datetime], draw: Draw
) -> dict[UUID, Outcome]:
    """Decide each booking in the order of arrival. Raises Undecidable, naming the first that fails."""
    outcomes: dict[UUID, Outcome] = {}
    for one in told:
        context = Context(at=clock(), cause="delivery", cause_id=one.delivery_id, trace=one.trace)
        try:
            outcomes[one.delivery_id] = import_booking(
                context,
                one.booked,
                gathered.concerned(one),
                subaccount_id=one.subaccount_id,
                delivered_to=one.user_id,
                via="webhook",
                draw=draw,
                plan_accepted=one.plan_accepted,
            )
        except Exception as error:
            raise Undecidable(one.delivery_id, error) from error
    return outcomes
