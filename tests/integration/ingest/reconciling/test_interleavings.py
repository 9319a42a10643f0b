"""Others who write between reading and saving: each booking is decided once, by what holds when it is saved."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from domain.recorded import Recorded
from services.ingest.event_store import EventStore
from services.ingest.importing.importer import Importer
from services.ingest.inbox.inbox import Inbox
from tests.integration.ingest.connections.conftest import Studio
from tests.integration.ingest.reconciling.conftest import LENA, Scene, by_invitee
from tests.support.payloads import body, invitee_created

RECONCILIATION = ("reconciliation", "reconciliation")
RECONNECT = ("reconnect", "reconnect")
DELIVERY = ("webhook", "delivery")

_ARRIVES = """
INSERT INTO ingest.inbox (id, connection_id, received_at, event, invitee_uri, body, state)
VALUES ($1, $2, now(), 'invitee.created', $3, $4, 'waiting')
"""


class Interrupted:
    """The event store; once, between a reading and the saving that follows it, something else happens."""

    def __init__(self, store: EventStore, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._store = store
        self._meanwhile: Callable[[], Awaitable[object]] | None = meanwhile
        self.saves = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def save(self, *given: Any, **more: Any) -> None:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile:
            await meanwhile()
        self.saves += 1
        await self._store.save(*given, **more)


def interrupted(scene: Scene, meanwhile: Callable[[], Awaitable[object]]) -> tuple[Any, Interrupted]:
    store = Interrupted(scene.tools.store, meanwhile)
    return replace(scene.tools, store=store), store  # type: ignore[arg-type]


async def delivered(scene: Scene, connection: str, calendar: str, invitees: Sequence[str]) -> None:
    """Let deliveries of these invitees arrive."""
    for uri in invitees:
        now = datetime.now(UTC).isoformat()
        booked = invitee_created(uri=uri, email=LENA[1], created_at=now, scheduled_event={"event_type": calendar})
        await scene.tools.pool.execute(_ARRIVES, uuid4(), UUID(connection), uri, body(booked))


async def import_all(scene: Scene) -> None:
    tools = scene.tools
    importer = Importer(store=tools.store, inbox=Inbox(tools.pool), clock=tools.clock, draw=secrets.choice)
    while await importer.import_waiting():
        pass


async def delivered_and_imported(scene: Scene, connection: str, calendar: str, invitees: Sequence[str]) -> None:
    for one in invitees:
        await delivered(scene, connection, calendar, [one])
        await import_all(scene)


async def history(scene: Scene, booking_id: UUID) -> list[str]:
    events: list[Recorded] = await scene.events_of(booking_id)
    return [type(one).__name__ for one in events]


async def test_a_delivery_imported_between_reading_and_saving_wins(scene: Scene, studio: Studio) -> None:
    # given a booking whose delivery is late
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    booked = await scene.missed(calendar)
    # when it is delivered and imported while it is being reconciled
    tools, store = interrupted(scene, lambda: delivered_and_imported(scene, connection, calendar, [booked.invitee]))
    decisions = await scene.reconcile(connection, tools=tools)
    # then it is there once, and reconciliation saw that
    assert [(one.outcome.kind, one.outcome.rule) for one in decisions] == [("duplicate", "R4")]
    assert store.saves == 2
    assert await scene.via(booked) == [DELIVERY]
    assert await history(scene, scene.first_id(booked)) == ["BookingImported", "OwnerAssigned"]


async def test_a_booking_whose_delivery_waits_is_not_missed(scene: Scene, studio: Studio) -> None:
    # given a delivery that is stored and not imported yet
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    booked, missed = await scene.missed(calendar), await scene.missed(calendar)
    await delivered(scene, connection, calendar, [booked.invitee])
    # when
    decisions = await scene.reconcile(connection)
    # then it is left to the import, and looked at once that is done
    assert by_invitee(decisions) == {missed.invitee: ("imported", "R4")}
    await import_all(scene)
    assert await scene.via(booked) == [DELIVERY]
    assert by_invitee(await scene.reconcile(connection)) == {booked.invitee: ("duplicate", "R4")}


async def test_imports_and_comparisons_at_once_make_each_booking_once(scene: Scene, studio: Studio) -> None:
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    booked = [await scene.missed(calendar) for _ in range(10)]
    # when the newest are delivered first, while the oldest are found first
    invitees = [one.invitee for one in reversed(booked)]
    await asyncio.gather(
        delivered_and_imported(scene, connection, calendar, invitees), scene.reconcile(connection, batch=1)
    )
    # then
    for one in booked:
        assert await history(scene, scene.first_id(one)) == ["BookingImported", "OwnerAssigned"]


async def test_r14_a_calendar_left_between_reading_and_saving_imports_nothing(scene: Scene, studio: Studio) -> None:
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    booked = await scene.missed(calendar)
    tools, _ = interrupted(scene, lambda: studio.select(connection, removed={calendar: "keep"}))
    decisions = await scene.reconcile(connection, tools=tools)
    assert [(one.outcome.kind, one.outcome.rule) for one in decisions] == [("left_out", "R14")]
    assert await scene.via(booked) == []


async def test_r15_a_calendar_selected_again_between_reading_and_saving_is_left_to_the_restoration(
    scene: Scene, studio: Studio
) -> None:
    # given
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    booked = await scene.missed(calendar)

    async def left_and_selected_again() -> None:
        await studio.select(connection, removed={calendar: "keep"})
        await studio.select(connection, calendar)

    # when
    tools, _ = interrupted(scene, left_and_selected_again)
    decisions = await scene.reconcile(connection, tools=tools)
    await scene.restore()
    # then
    assert [(one.outcome.kind, one.outcome.rule) for one in decisions] == [("left_out", "R15")]
    assert await scene.via(booked) == [RECONNECT]


async def test_r18_a_deletion_agreed_during_a_restoration_stops_it_and_removes_what_had_come_back(
    scene: Scene, studio: Studio
) -> None:
    # given three deleted appointments, of which one came back
    calendar = await studio.event_type("Intro call")
    connection = await studio.connected()
    await studio.select(connection, calendar)
    booked = [await scene.missed(calendar) for _ in range(3)]
    await scene.reconcile(connection)
    await studio.select(connection, removed={calendar: "delete"})
    await scene.remove_all()
    await studio.select(connection, calendar)

    async def deleted_again() -> None:
        await studio.select(connection, removed={calendar: "delete"})
        await scene.remove_all()

    # when
    tools, _ = interrupted(scene, deleted_again)
    assert await scene.restore(tools=tools, batch=1) == 0
    # then
    statement = "SELECT count(*) FROM ingest.bookings WHERE NOT deleted AND invitee_uri = ANY($1::text[])"
    assert await scene.tools.pool.fetchval(statement, [one.invitee for one in booked]) == 0
    assert [one["outcome"] for one in await scene.restores()] == ["stopped"]
    # and selecting it once more brings all of them back
    await studio.select(connection, calendar)
    assert await scene.restore() == 3
    assert [await scene.via(one) for one in booked] == [[RECONCILIATION, RECONNECT]] * 3


async def test_r9_a_persons_first_bookings_imported_at_once_are_one_contact(scene: Scene, studio: Studio) -> None:
    # given a missed booking, and one that is being delivered, of the same person
    first, second = await studio.event_type("A call"), await studio.event_type("B call")
    connection = await studio.connected()
    await studio.select(connection, first, second)
    missed, late = await scene.missed(first), await scene.missed(second)
    # when it comes between reading and saving
    tools, store = interrupted(scene, lambda: delivered_and_imported(scene, connection, second, [late.invitee]))
    await scene.reconcile(connection, tools=tools)
    # then both have the contact that the delivery made
    assert store.saves == 2
    contact_id, owner = await scene.contact_of(missed)
    assert contact_id is not None
    assert (contact_id, owner) == await scene.contact_of(late)
    events = await scene.events_of(contact_id)
    assert [type(event).__name__ for event in events] == ["ContactUpserted"]
