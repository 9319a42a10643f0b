"""A delivery as the inbox holds it, and the connection that it came by."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """The connection that a delivery came by: whose it is, and whether its plan is accepted now (R22)."""

    subaccount_id: UUID
    user_id: UUID
    plan_accepted: bool = True


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """An authentic delivery that waits to be imported: its body as raw bytes, and when it came (UTC).

    `seq` is its place in the inbox, `receiver` None where the connection is not known.
    """

    seq: int
    id: UUID
    connection_id: UUID
    received_at: datetime
    event: str
    body: bytes
    trace: str | None
    receiver: Receiver | None
