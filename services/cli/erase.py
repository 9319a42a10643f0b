"""`bookstream erase`: forget one person, with a receipt."""

import asyncio
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

import typer

from services.cli import tables
from services.cli.output import AsJson, show, telling_failures
from services.ingest.erasing.erase_person import ErasePerson, Receipt
from services.ingest.event_store import EventStore
from services.ingest.relay.position import read_position
from services.ingest.settings import IngestDatabase
from services.runtime.database import pool
from services.runtime.migrations import NotMigrated
from services.runtime.settings import KafkaSettings, load

PUBLISHED_WITHIN = 20.0
LOOK_EVERY = 0.2
"""Seconds to wait for the relay, and between two looks."""

app = typer.Typer(add_completion=False)


class NotPublished(Exception):
    """The relay did not publish the erasure in time; the message says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "The person is erased here, but the topics do not say so yet: see that the relay runs "
            "('bookstream ingest'). It publishes the erasure as soon as it does; nothing has to be repeated."
        )


@app.command()
def erase(
    *,
    subaccount: Annotated[UUID, typer.Option(metavar="S", help="the subaccount's id")],
    email: Annotated[str, typer.Option(metavar="E", help="the person's e-mail address, compared as contacts are")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="change nothing; say what would be erased")] = False,
    json: AsJson = False,
) -> None:
    """Forget one person: name and address go everywhere, the appointments stay without a contact."""
    if not email.strip():
        raise typer.BadParameter("the e-mail address is empty.", param_hint="--email")
    with telling_failures(NotMigrated, NotPublished):
        database_url, servers = load(IngestDatabase).database, load(KafkaSettings).kafka_bootstrap_servers
        tables.require("ingest", database_url)
        receipt = asyncio.run(_erase(database_url, subaccount, email, dry_run=dry_run))
        kind = "would erase" if dry_run else "erased" if receipt.erased_at else "nothing to erase"
        row = {"kind": kind, "subaccount_id": subaccount, **asdict(receipt)}
        show([row], title="receipt", empty="", as_json=json)
        if receipt.position is not None:
            asyncio.run(_published(servers, receipt.position))


async def _erase(database_url: str, subaccount_id: UUID, email: str, *, dry_run: bool) -> Receipt:
    async with pool(database_url, connections=1) as connections, EventStore.open(database_url) as store:
        use_case = ErasePerson(store=store, pool=connections, clock=lambda: datetime.now(UTC))
        return await use_case.run(subaccount_id=subaccount_id, email=email, command_id=uuid4(), dry_run=dry_run)


async def _published(servers: str, position: int) -> None:
    deadline = time.monotonic() + PUBLISHED_WITHIN
    while await read_position(servers) < position:
        if time.monotonic() > deadline:
            raise NotPublished
        await asyncio.sleep(LOOK_EVERY)
