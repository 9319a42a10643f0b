"""The whole system on one machine: migrated, every service a process of its own, a Calendly beside them."""

import base64
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from devstack.guardian import Order
from devstack.jars import Say
from devstack.processes import Program, ProgramFailed, free_port, running
from devstack.stack import Stack

START_WITHIN = 60.0
"""Seconds that a service has to become ready."""
SCOPES = "connections:read connections:write appointments:read contacts:read operations"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where the three listen."""

    ingest: int = field(default_factory=free_port)
    projector: int = field(default_factory=free_port)
    calendly: int = field(default_factory=free_port)


@dataclass(kw_only=True)
class System:
    """The running system."""

    ingest_url: str
    projector_url: str
    calendly_url: str
    environment: Mapping[str, str]
    folder: Path
    opened: AsyncExitStack
    services: dict[str, tuple[list[str], str]]
    """Each service's arguments and address, by the name it has here."""
    programs: dict[str, Program] = field(default_factory=dict[str, Program])

    def token(self, *, user: str = "demo", subaccounts: str = "*", scope: str = SCOPES) -> str:
        """Return an access token, made by the command that anybody would use."""
        given = ["token", "--user", user, "--subaccounts", subaccounts, "--scope", scope]
        return run_command(given, self.environment).strip()

    async def start(self, name: str) -> Program:
        """Start a service, or start it again after it was killed, and wait until it is ready."""
        arguments, url = self.services[name]
        command = [bookstream(), *arguments, "--port", url.rpartition(":")[2]]
        program = await self._run(name, command)
        await program.ready(lambda: answers(f"{url}/readyz"), within=START_WITHIN)
        return program

    async def start_calendly(self) -> None:
        """Start the Calendly stand-in and wait until it answers."""
        command = [sys.executable, "-m", "devstack.calendly", "--port", self.calendly_url.rpartition(":")[2]]
        program = await self._run("calendly", command)
        await program.ready(lambda: answers(f"{self.calendly_url}/docs"), within=START_WITHIN)

    async def _run(self, name: str, command: list[str]) -> Program:
        self.programs[name] = await self.opened.enter_async_context(running(name, self._order(name, command)))
        return self.programs[name]

    def _order(self, name: str, command: list[str]) -> Order:
        return Order(command=command, log=str(self.folder / f"{name}.log"), environment=dict(self.environment))


@asynccontextmanager
async def open_system(
    stack: Stack, *, say: Say, ports: Ports | None = None, relay_apart: bool = False
) -> AsyncIterator[System]:
    """Migrate, start everything, and yield it when all is ready; everything is stopped at the end.

    With `relay_apart` the relay is a process of its own. Raises ProgramFailed with the last lines of what failed.
    """
    async with AsyncExitStack() as opened:
        system = _system(stack, ports or Ports(), opened, relay_apart=relay_apart)
        say("Bookstream: bookstream migrate")
        run_command(["migrate"], system.environment)
        say("Bookstream: starting ingest, projector and a Calendly, each as a process of its own")
        await system.start_calendly()
        for name in system.services:
            await system.start(name)
        yield system


def _services(ingest: str, projector: str, *, relay_apart: bool) -> dict[str, tuple[list[str], str]]:
    if not relay_apart:
        return {"ingest": (["ingest"], ingest), "projector": (["projector"], projector)}
    relay = f"http://127.0.0.1:{free_port()}"
    return {
        "ingest": (["ingest", "--only", "http,import,reconcile"], ingest),
        "relay": (["ingest", "--only", "relay"], relay),
        "projector": (["projector"], projector),
    }


def _system(stack: Stack, ports: Ports, opened: AsyncExitStack, *, relay_apart: bool) -> System:
    folder = Path(tempfile.mkdtemp(prefix="bookstream-system-"))
    opened.callback(shutil.rmtree, folder, ignore_errors=True)
    ingest, projector, calendly = (f"http://127.0.0.1:{one}" for one in (ports.ingest, ports.projector, ports.calendly))
    environment = {
        **stack.environment,
        "PUBLIC_URL": ingest,
        "CALENDLY_API_URL": calendly,
        "CALENDLY_AUTH_URL": calendly,
        "AUTH_JWT_SECRET": secrets.token_urlsafe(32),
        "SECRETS_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    return System(
        ingest_url=ingest,
        projector_url=projector,
        calendly_url=calendly,
        environment=environment,
        services=_services(ingest, projector, relay_apart=relay_apart),
        folder=folder,
        opened=opened,
    )


def bookstream() -> str:
    """Return the path of the command `bookstream`, beside the running Python."""
    return str(Path(sys.executable).parent / "bookstream")


def run_command(given: list[str], environment: Mapping[str, str]) -> str:
    """Run `bookstream` with arguments and return what it prints. Raises ProgramFailed with what it says."""
    done = subprocess.run(
        [bookstream(), *given], capture_output=True, text=True, check=False, env=os.environ | dict(environment)
    )
    if done.returncode != 0:
        raise ProgramFailed(f"bookstream {given[0]} ended with code {done.returncode}:\n{done.stderr}")
    return done.stdout


async def answers(url: str) -> bool:
    """Tell whether a URL answers 200."""
    try:
        async with httpx2.AsyncClient(timeout=2) as http:
            return (await http.get(url)).status_code == 200
    except httpx2.HTTPError:
        return False
