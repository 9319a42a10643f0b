"""The audit finds and names what was lost, doubled or changed behind Bookstream's back (R23)."""

import json
import subprocess
import uuid
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from devstack.system import System, bookstream, run_command
from tests.support.dead_letters import mend, refuse
from tests.support.scene import Scene, until

BOOKINGS = "crm.calendly.bookings.v1"


def audited(system: System) -> tuple[int, list[dict[str, Any]]]:
    """Run the audit; return its exit code and what it found off."""
    code, lines = _audit(system)
    return code, [one for one in lines if one["kind"] != "account"]


def discarded(system: System) -> dict[str, int]:
    """Run the audit; return of how many aggregates a record was discarded, by place."""
    return {one["where"]: one["discarded"] for one in _audit(system)[1] if one["kind"] == "account"}


def _audit(system: System) -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run(
        [bookstream(), "audit"], capture_output=True, text=True, check=False, env={**system.environment, "PATH": "/bin"}
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
async def booked(scene: Scene) -> Scene:
    """Twenty appointments, all projected."""
    organization = await scene.admin.organization()
    account = await scene.admin.user(organization, "Ingrid Solheim")
    calendar = await scene.admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
    await scene.connected(account, calendar)
    await scene.admin.book(calendar, count=20)
    await until(scene.has_caught_up, "everything was projected")
    return scene


async def first_record(system: System) -> Any:
    """Return the first record that stands on the bookings topic, of any partition."""
    servers = system.environment["KAFKA_BOOTSTRAP_SERVERS"]
    consumer = AIOKafkaConsumer(BOOKINGS, bootstrap_servers=servers, auto_offset_reset="earliest")
    async with consumer:
        return await consumer.getone()


@pytest.mark.timeout(180)
async def test_a_dead_letter_is_named_and_one_that_was_discarded_is_not_lost(system: System, booked: Scene) -> None:
    # Given an appointment that the read model's table refuses
    database = booked.database
    await refuse(database)
    await booked.admin.book(await database.fetchval("SELECT uri FROM ingest.calendars"), count=1)

    async def set_aside() -> bool:
        return await database.fetchval("SELECT count(*) FROM projector.dead_letters") == 2

    await until(set_aside, "its two events were set aside")
    key = await database.fetchval("SELECT DISTINCT key FROM projector.dead_letters")
    await mend(database)
    # Then the audit names it
    code, found = audited(system)
    assert (code, [(one["kind"], one["where"], one["aggregate"]) for one in found]) == (
        1,
        [("dead letter", "appointments", key)],
    )
    # When a person discards it, then nothing is off, and the audit tells of how many that holds
    run_command(["dead-letters", "discard", "--key", key], system.environment)
    assert audited(system) == (0, [])
    assert {where: count for where, count in discarded(system).items() if count} == {"projection appointments": 1}


@pytest.mark.timeout(180)
async def test_the_audit_is_clean_and_then_names_each_thing_that_was_done(system: System, booked: Scene) -> None:
    # Given a system where everything agrees
    assert audited(system) == (0, [])
    # When a row is deleted, another one made up, and a third one made older
    database = await asyncpg.connect(system.environment["DATABASE_URL"])
    gone, changed = [row["id"] for row in (await booked.appointments())[:2]]
    await database.execute("DELETE FROM projector.appointments_v1 WHERE id = $1", gone)
    await database.execute("UPDATE projector.appointments_v1 SET sequence = 1 WHERE id = $1", changed)
    await database.execute(
        "INSERT INTO projector.contacts_v1 (id, erased, sequence) VALUES ($1, false, 1)", made_up := uuid.uuid4()
    )
    await database.close()
    # Then each is named
    code, found = audited(system)
    assert code == 1
    assert sorted((one["kind"], one["where"], one["aggregate"]) for one in found) == [
        ("row missing", "appointments", str(gone)),
        ("row stale", "appointments", str(changed)),
        ("row too many", "contacts", str(made_up)),
    ]
    # When a record is doubled, and the first one of a partition deleted
    record = await first_record(system)
    servers = system.environment["KAFKA_BOOTSTRAP_SERVERS"]
    producer = AIOKafkaProducer(bootstrap_servers=servers)
    async with producer:
        for _ in range(2):  # the first of them takes the place of the one that is deleted below
            await producer.send_and_wait(
                BOOKINGS, record.value, key=record.key, partition=record.partition, headers=list(record.headers)
            )
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    place = TopicPartition(BOOKINGS, record.partition)
    await admin.delete_records({place: RecordsToDelete(record.offset + 2)})
    await admin.close()
    # Then the audit names the event that stands twice, and the one that is lost
    code, found = audited(system)
    headers = {name: value.decode() for name, value in record.headers}
    told = {(one["kind"], one["aggregate"], one["sequence"]) for one in found if one["where"].startswith(BOOKINGS)}
    assert code == 1
    assert ("doubled", headers["ce_subject"], 1) in told
    assert ("lost", headers["ce_subject"], 2) in told
