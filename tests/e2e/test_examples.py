"""The examples for consumers, run as their readers would run them."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.support.scene import Scene, until

ROOT = Path(__file__).parents[2]
FASTSTREAM = [str(Path(sys.executable).with_name("faststream")), "run", "examples.greet_with_faststream:app"]
AIOKAFKA = [sys.executable, "examples/greet_with_aiokafka.py"]


async def booked(scene: Scene) -> str:
    """Book one appointment; return the contact's id."""
    organization = await scene.admin.organization()
    account = await scene.admin.user(organization, "Ingrid Solheim")
    calendar = await scene.admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
    await scene.connected(account, calendar)
    await scene.admin.book(calendar, ("Ada Guest", "ada@guest.example"))
    await until(scene.has_caught_up, "the booking was projected")
    return str((await scene.contacts())[0]["id"])


@pytest.mark.parametrize("command", [FASTSTREAM, AIOKAFKA], ids=["faststream", "aiokafka"])
async def test_a_consumer_greets_who_booked(scene: Scene, command: list[str]) -> None:
    # Given a booking on the topics
    contact = await booked(scene)
    # When the example runs
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=os.environ | dict(scene.system.environment) | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        # Then it greets the guest
        async with asyncio.timeout(40):
            async for line in process.stdout:
                if line.startswith(f"Hello, contact {contact}: see you at 2".encode()):
                    break
            else:
                pytest.fail("the example ended")
    finally:
        process.terminate()
        await process.wait()


async def test_the_query_finds_the_meeting_of_tomorrow(scene: Scene) -> None:
    await booked(scene)
    query = (ROOT / "examples/upcoming.sql").read_text(encoding="utf-8")
    rows = await scene.database.fetch(query)
    assert ("Intro call", "Ada Guest") in [(row["title"], row["name"]) for row in rows]
