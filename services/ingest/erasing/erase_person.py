"""Erases one person of a subaccount: in stored events, parked deliveries and, by a null value, wherever events go."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from domain import ids
from domain.contact import Contact, ContactUpserted, Guest
from domain.recorded import Context, Recorded
from services.ingest.erasing.successors import current_contacts
from services.ingest.event_store import EventStore, LostRace, Statement

_WITH_BODY = """
SELECT i.id, i.state, i.body FROM ingest.inbox AS i JOIN ingest.connections AS c ON c.id = i.connection_id
 WHERE i.body IS NOT NULL AND c.subaccount_id = $1
"""

_DISCARD = """
UPDATE ingest.inbox SET state = 'done', outcome = 'ignored', reason = 'erased', body = NULL, processed_at = now()
 WHERE id = ANY(%s::uuid[]) AND state = 'parked'
"""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What was erased, without naming the person; `contact_id` is None where nothing was kept of the address.

    `events` were blanked, `parked` deliveries discarded; those `waiting` name the address too and are about to be
    imported. The null value stands on the topic once the relay has passed `position` of the log.
    """

    contact_id: UUID | None
    erased_at: datetime | None
    events: int
    parked: int
    waiting: int
    position: int | None


@dataclass(frozen=True, kw_only=True)
class ErasePerson:
    """The use case."""

    store: EventStore
    pool: asyncpg.Pool
    clock: Callable[[], datetime]

    async def run(self, *, subaccount_id: UUID, email: str, command_id: UUID, dry_run: bool = False) -> Receipt:
        """Erase whoever has this address, compared as contacts are (R9), in one transaction; or say what would be.

        A booking of the person that is imported meanwhile is seen: the decision is made anew.
        """
        address = Guest(email=email, name="").address
        while True:
            contact = await self._contact(subaccount_id, address)
            parked, waiting = await self._naming(subaccount_id, address)
            known = await self.store.history(contact.id)
            receipt = Receipt(
                contact_id=contact.id if contact.exists else None,
                erased_at=self.clock() if contact.exists or parked else None,
                events=len(known),
                parked=len(parked),
                waiting=waiting,
                position=None,
            )
            if dry_run or receipt.erased_at is None:
                return receipt
            try:
                contact.erase(Context(at=receipt.erased_at, cause="command", cause_id=command_id))
                await self.store.save([contact], also=self._forgetting([one.event for one in known], parked))
            except LostRace:
                continue
            return replace(receipt, position=await self.store.end())

    async def _contact(self, subaccount_id: UUID, address: str) -> Contact:
        first = ids.contact_id(subaccount_id=subaccount_id, address=address)
        return (await current_contacts(self.store, await self.store.load(Contact, [first])))[first]

    async def _naming(self, subaccount_id: UUID, address: str) -> tuple[list[UUID], int]:
        """Return the parked deliveries whose bodies name the address, and how many waiting ones do."""
        rows = [row for row in await self.pool.fetch(_WITH_BODY, subaccount_id) if _names(row["body"], address)]
        return [row["id"] for row in rows if row["state"] == "parked"], sum(row["state"] == "waiting" for row in rows)

    def _forgetting(self, events: Sequence[Recorded], parked: Sequence[UUID]) -> list[Statement]:
        blanked = [_blanked(event) for event in events]
        return [self.store.overwriting(blanked), (_DISCARD, (list(parked),))]


def _names(body: bytes, address: str) -> bool:
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        text = body.decode("utf-8", "replace")  # parked because it is no JSON; what it names, it names all the same
    return address in text.casefold()


def _blanked(event: Recorded) -> Recorded:
    nothing: dict[str, Any] = {"email": "", "name": ""}
    return replace(event, **nothing) if isinstance(event, ContactUpserted) else event
