"""Leave the whole system running, and say where it is and what to try."""

import socket
import sys
import uuid
from dataclasses import dataclass

import httpx2
from rich.console import Console
from rich.panel import Panel

from devstack.calendly.admin_client import CalendlyAdmin
from devstack.demo.draw import Stage
from devstack.demo.story import Narrator
from devstack.processes import free_port, told_to_stop
from devstack.stack import open_stack
from devstack.system import Ports, System, open_system


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What a person needs to go on."""

    token: str
    subaccount: str
    intro: str


async def up() -> None:
    """Run until Ctrl-C or SIGTERM."""
    stage = Stage()
    async with open_stack(say=stage.say) as stack, open_system(stack, say=stage.say, ports=_ports()) as system:
        invitation = await _prepare(system)
        stop = told_to_stop()
        _show(stage, system, invitation)
        await stop.wait()
        stage.say("Stopping everything")


def _ports() -> Ports:
    return Ports(ingest=_port(8000), projector=_port(8001), calendly=_port(8002))


def _port(wanted: int) -> int:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return free_port()
    return wanted


async def _prepare(system: System) -> Invitation:
    token = system.token()
    headers = {"Authorization": f"Bearer {token}"}
    async with CalendlyAdmin.open(system.calendly_url) as admin, httpx2.AsyncClient(headers=headers) as http:
        narrator = Narrator(system, admin, http)
        await narrator.connect()
        return Invitation(token=token, subaccount=narrator.story.subaccount, intro=narrator.intro)


def _show(stage: Stage, system: System, invitation: Invitation) -> None:
    if not sys.stdout.isatty():
        stage.tell(
            kind="up",
            ingest=system.ingest_url,
            projector=system.projector_url,
            calendly=system.calendly_url,
            subaccount=invitation.subaccount,
            calendar=invitation.intro,
            token=invitation.token,
            **{name: system.environment[name] for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL")},
        )
        return
    Console().print(Panel(_words(system, invitation), title="Bookstream is up", title_align="left"), highlight=False)


def _words(system: System, it: Invitation) -> str:
    bearer = '-H "Authorization: Bearer $TOKEN"'
    return f"""\
ingest      {system.ingest_url}/docs
projector   {system.projector_url}/docs   topics: {system.projector_url}/asyncapi
Calendly    {system.calendly_url}/docs   (stand-in, with its admin interface)
Kafka       {system.environment["KAFKA_BOOTSTRAP_SERVERS"]}
PostgreSQL  {system.environment["DATABASE_URL"]}

export TOKEN={it.token}

Three things to try:
1. Book as a guest would, then read the appointment:
   curl -s {system.calendly_url}/admin/bookings --json '{{"event_type": "{it.intro}", "count": 1}}'
   curl -s {bearer} {system.projector_url}/v1/subaccounts/{it.subaccount}/appointments
2. Try to change it here, and be told where to:
   curl -s -X DELETE {bearer} {system.projector_url}/v1/subaccounts/{it.subaccount}/appointments/{uuid.UUID(int=0)}
3. See how far the read models have come:
   curl -s {bearer} {system.projector_url}/v1/projections

Ctrl-C stops everything."""
