"""Bookings that no delivery told of, through the whole system: found on command, and brought back by themselves."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from devstack.system import run_command
from tests.support.scene import Scene, until


async def select(scene: Scene, connection: str, selected: list[str], removed: dict[str, str]) -> None:
    url = f"{scene.system.ingest_url}/v1/subaccounts/{scene.subaccount}/connections/{connection}/calendars"
    answer = await scene.http.put(url, json={"selected": selected, "removed": removed})
    assert answer.status_code == 200, answer.text


async def the_appointment(scene: Scene) -> dict[str, Any]:
    async def there() -> bool:
        return await scene.count() == 1

    await until(there, "one appointment")
    (appointment,) = await scene.appointments()
    return appointment


async def test_r4_r15_r23_a_lost_delivery_is_healed_and_what_was_deleted_comes_back_marked(scene: Scene) -> None:
    # given a booking whose delivery was lost
    organization = await scene.admin.organization(plan="teams")
    account = await scene.admin.user(organization, "Ingrid Dahl")
    calendar = await scene.admin.event_type(organization, "Intro call", owner=account.uri, hosts=[account])
    connection = await scene.connected(account, calendar)
    starts_at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    guest = ("Lena Vogt", "lena@mail.example")
    await scene.admin.book(calendar, guest, starts_at=starts_at, silently=True)
    # when
    command = ["reconcile", "--connection", connection]
    await asyncio.to_thread(run_command, command, scene.system.environment)
    # then it is an appointment
    healed = await the_appointment(scene)
    assert healed["via"] == "reconciliation"
    # when its calendar is left with delete, and selected again
    await select(scene, connection, [], {calendar: "delete"})

    async def gone() -> bool:
        return await scene.count() == 0

    await until(gone, "no appointment")
    await select(scene, connection, [calendar], {})
    # then it is there again as a new appointment, and marked
    restored = await the_appointment(scene)
    assert restored["via"] == "reconnect"
    assert restored["id"] != healed["id"]
    on_topics = [(one.type, one.data.get("via")) for one in await scene.on_topics() if one.type.startswith("Booking")]
    assert sorted(on_topics, key=str) == [
        ("BookingDeleted", None),
        ("BookingImported", "reconciliation"),
        ("BookingImported", "reconnect"),
    ]
