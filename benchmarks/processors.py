"""The processor time and memory of programs on this machine, from /proc (Linux)."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")
_LISTENS = "0A"


@dataclass(frozen=True)
class Servers:
    """The process ids of PostgreSQL and Kafka; None for one that does not run on this machine."""

    postgres: int | None
    kafka: int | None

    @classmethod
    def of(cls, *, database_url: str, bootstrap_servers: str) -> "Servers":
        """Find both by the ports on which they listen."""
        return cls(
            _listening(urlsplit(database_url).port or 5432), _listening(int(bootstrap_servers.rpartition(":")[2]))
        )

    def used(self) -> tuple[float | None, float | None]:
        """Return the processor seconds that PostgreSQL and Kafka have used so far."""
        return used_by(self.postgres), used_by(self.kafka)


def used_by(pid: int | None) -> float | None:
    """Return the processor seconds of a process and all its children, those that ended included."""
    if pid is None:
        return None
    ended = _fields(pid)[11:15]
    return (sum(ended) + sum(sum(_fields(child)[11:13]) for child in descendants(pid))) / _TICKS


def resident(pid: int) -> float:
    """Return the resident memory of a process and its children, in megabytes; pages that they share count for each."""
    found = 0
    for one in (pid, *descendants(pid)):
        with suppress(OSError):
            found += int((_PROC / str(one) / "statm").read_text().split()[1])
    return found * _PAGE / 1e6


def descendants(pid: int) -> list[int]:
    """Return the children of a process, and theirs."""
    found = list[int]()
    with suppress(OSError):
        for task in (_PROC / str(pid) / "task").iterdir():
            with suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return [*found, *(one for child in found for one in descendants(child))]


def _fields(pid: int) -> list[int]:
    try:
        text = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended
        return [0] * 15
    return [0, *map(int, text[1:15])]


def _listening(port: int) -> int | None:
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    if not sockets:
        return None
    found = {int(one.name) for one in _PROC.iterdir() if one.name.isdigit() and sockets & _open_in(one)}
    parents = {one for one in found if _fields(one)[1] not in found}
    return min(parents, default=None)


def _inodes(port: int) -> list[str]:
    rows = [line.split() for name in ("tcp", "tcp6") for line in _lines(_PROC / "net" / name)]
    return [row[9] for row in rows if row[3] == _LISTENS and int(row[1].rpartition(":")[2], 16) == port]


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()[1:]
    except OSError:
        return []


def _open_in(process: Path) -> set[str]:
    found = set[str]()
    with suppress(OSError):
        for one in (process / "fd").iterdir():
            with suppress(OSError):
                found.add(str(one.readlink()))
    return found
