"""A delivery as the inbox holds it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """An authentic delivery that waits to be imported: its body as raw bytes, when it came (UTC), by whom, and
    whether the plan of that connection is accepted now (R22).
    """

    id: UUID
    connection_id: UUID
    received_at: datetime
    event: str
    body: bytes
    trace: str | None
    plan_accepted: bool = True
