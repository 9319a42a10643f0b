"""Run the demo from start to end."""

import asyncio
import time
from contextlib import nullcontext

import httpx2
from rich.live import Live

from devstack.calendly.admin_client import CalendlyAdmin
from devstack.demo.check import Finding, check
from devstack.demo.draw import Stage, picture
from devstack.demo.story import Narrator
from devstack.demo.watch import Watcher
from devstack.stack import open_stack
from devstack.system import System, open_system

WITHIN = 30.0
"""Seconds that all bookings have to arrive."""


async def demo() -> bool:
    """Run the demo; return whether everything agrees."""
    stage, began = Stage(), time.monotonic()
    async with open_stack(say=stage.say) as stack, open_system(stack, say=stage.say) as system:
        agrees = await _play(stage, system)
        seconds = time.monotonic() - began
    text = "everything agrees" if agrees else "something differs"
    stage.say(f"Done in {seconds:.0f} s: {text}. 'make up' leaves the same system running for you to try.")
    return agrees


async def _play(stage: Stage, system: System) -> bool:
    headers = {"Authorization": f"Bearer {system.token()}"}
    async with (
        CalendlyAdmin.open(system.calendly_url) as admin,
        httpx2.AsyncClient(headers=headers, timeout=20) as http,
    ):
        narrator = Narrator(system, admin, http)
        stage.say("Calendly: two users connect their accounts and select calendars, through the connections API")
        await narrator.connect()
        watcher = Watcher(system, admin, http, narrator.story.subaccount)
        async with watcher.watching() as seen:
            stage.say("Calendly: guests book, one cancels, one reschedules")
            with Live(console=stage.console, auto_refresh=False) if stage.person else nullcontext() as live:
                booking = asyncio.create_task(narrator.book())
                deadline = time.monotonic() + WITHIN
                findings = list[Finding]()
                while not findings or (time.monotonic() < deadline and not all(one.agrees for one in findings)):
                    await asyncio.sleep(0.2)
                    await watcher.look_at_deliveries()
                    if live is not None:
                        live.update(picture(narrator.story, seen), refresh=True)
                    if booking.done():
                        booking.result()
                        findings = await check(system, http, narrator.story, seen)
        stage.show_end(narrator.story, seen, findings)
        return all(one.agrees for one in findings)
