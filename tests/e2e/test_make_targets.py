"""What the README promises to somebody with five minutes, tried as they would."""

import asyncio
import json
import os
import signal
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).parent.parent.parent


async def started(target: str) -> asyncio.subprocess.Process:
    """Start a target of the Makefile."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        "make", "--no-print-directory", target, cwd=ROOT, stdout=pipe, stderr=pipe, start_new_session=True
    )


@pytest.mark.timeout(180)
async def test_make_demo_shows_each_booking_and_ends_with_0_because_all_agrees() -> None:
    # When somebody runs the demo into a pipe
    process = await started("demo")
    out, err = await process.communicate()
    told = [json.loads(line) for line in out.splitlines()]
    # Then six bookings have arrived, everything agrees, and the exit code says so
    assert process.returncode == 0, err.decode()
    bookings = [one for one in told if one["kind"] == "booking"]
    assert [one["booking"] for one in bookings] == [
        "1:1",
        "round robin",
        "group event, guest 1 of 3",
        "group event, guest 2 of 3",
        "group event, guest 3 of 3",
        "round robin, rescheduled",
    ]
    assert all(one["events"] == ["BookingImported", "OwnerAssigned"] and one["appointment"] for one in bookings)
    assert all(one["agrees"] for one in told if one["kind"] == "check")


@pytest.mark.timeout(180)
async def test_make_up_prints_what_is_needed_to_go_on_and_stops_everything_when_told() -> None:
    # Given the system left running
    process = await started("up")
    assert process.stdout is not None
    told: dict[str, str] = {"kind": ""}
    while told["kind"] != "up":
        told = json.loads(await process.stdout.readline())
    # When somebody books at the stand-in and reads with the token that was printed
    headers = {"Authorization": f"Bearer {told['token']}"}
    async with httpx2.AsyncClient(headers=headers, timeout=20) as http:
        await http.post(f"{told['calendly']}/admin/bookings", json={"event_type": told["calendar"], "count": 1})
        url = f"{told['projector']}/v1/subaccounts/{told['subaccount']}/appointments"
        async with asyncio.timeout(30):
            while not (items := (await http.get(url)).json()["items"]):
                await asyncio.sleep(0.05)
        refused = await http.delete(f"{url}/{items[0]['id']}")
        lag = (await http.get(f"{told['projector']}/v1/projections")).json()
    # Then the appointment is there, cannot be edited here (R2), and the projections tell how far they are
    assert items[0]["calendar"]["uri"] == told["calendar"]
    assert (refused.status_code, refused.json()["type"]) == (405, "/problems/edit-in-calendly")
    assert {one["name"] for one in lag["items"]} == {"appointments", "contacts"}
    # And everything stops when told
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
    async with asyncio.timeout(40):
        await process.communicate()
    async with httpx2.AsyncClient(timeout=2) as http:
        with pytest.raises(httpx2.ConnectError):
            await http.get(f"{told['projector']}/healthz")
