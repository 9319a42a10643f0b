"""A guarded program: it ends with its owner, takes its children along, and says why it failed."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devstack.guardian import TOLD, Order
from devstack.processes import Program, ProgramFailed, running

ROOT = Path(__file__).parents[3]
STUBBORN = "trap '' TERM; sleep 50.125 & echo $! > $0/child; while :; do sleep 0.05; done"
"""A shell and a child of it that do not stop when asked; `$0` is a folder."""


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, 20 seconds at most."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def never() -> bool:
    return False


def guardian_alone() -> "subprocess.Popen[bytes]":
    """Start a guardian that waits for its order."""
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-m", "devstack.guardian"], stdin=pipe, stdout=pipe, cwd=ROOT)


def order_of(folder: Path, script: str, **others: object) -> Order:
    """Return an order to run a shell script that knows its folder as `$0`."""
    given = {"command": ["/bin/sh", "-c", script, str(folder)], "log": str(folder / "log"), **others}
    return Order(**given)  # pyright: ignore[reportArgumentType]


def runs(pid: int) -> bool:
    """Tell whether a process runs; one that ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_program_that_does_not_stop_is_killed_with_its_children(tmp_path: Path) -> None:
    # Given a program that does not stop when asked, nor does its child
    folder = tmp_path / "data"
    folder.mkdir()
    async with running("stubborn", order_of(folder, STUBBORN, stop_within=0.2, remove=str(folder))) as program:
        await until(lambda: (folder / "child").exists() and (folder / "child").read_text().endswith("\n"))
        child = int((folder / "child").read_text())
        assert runs(child)
    # Then both are gone after its time, and the folder with them
    assert program.exit_code == 128 + 9
    assert not runs(program.pid)
    await until(lambda: not runs(child))
    assert not folder.exists()


async def test_an_owner_that_is_gone_before_it_hears_of_the_program_leaves_nothing(tmp_path: Path) -> None:
    # Given a guardian whose owner is killed right after it gave the order
    folder = tmp_path / "data"
    folder.mkdir()
    order = order_of(folder, "echo $$ > $0/../pid; exec sleep 50.25", remove=str(folder))
    guardian = guardian_alone()
    assert guardian.stdin is not None
    assert guardian.stdout is not None
    guardian.stdout.close()
    guardian.stdin.write(order.as_line())
    guardian.stdin.close()
    # When the guardian has ended
    await asyncio.to_thread(guardian.wait, 20)
    # Then neither the program nor its folder is left
    started = tmp_path / "pid"
    assert not started.exists() or not runs(int(started.read_text()))
    assert not folder.exists()


async def test_an_owner_that_is_gone_before_its_order_is_whole_starts_nothing(tmp_path: Path) -> None:
    order = order_of(tmp_path, "touch $0/started").as_line()
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "devstack.guardian"], input=order[:-1], capture_output=True, cwd=ROOT
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert not (tmp_path / "started").exists()


async def test_a_program_that_fails_is_told_with_its_code_and_last_lines(tmp_path: Path) -> None:
    # Given a program whose log goes with its folder
    folder = tmp_path / "data"
    folder.mkdir()
    order = order_of(folder, "seq 20; echo no room left >&2; exit 3", remove=str(folder))
    with pytest.raises(ProgramFailed) as failed:
        async with running("store", order) as program:
            await program.ready(never, within=20)
    # Then the last twelve lines are in the message all the same
    lines = [*map(str, range(10, 21)), "no room left"]
    assert str(failed.value) == "store ended with code 3. Its last lines:\n" + "".join(f"{line}\n" for line in lines)


async def test_a_program_killed_by_somebody_else_shows_its_last_lines_too(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match=r"ended with code 137. Its last lines:\nhalf way\n"):
        async with running("store", order_of(tmp_path, "echo half way; kill -9 $$")) as program:
            await program.ready(never, within=20)


async def test_very_long_last_lines_do_not_hold_the_guardian_up(tmp_path: Path) -> None:
    program = Program("verbose", order_of(tmp_path, "head -c 300000 /dev/zero | tr '\\0' x; exit 1"))
    await until(lambda: not program.alive)
    assert program.tail() == "x" * TOLD
    await program.stop()


async def test_a_program_that_is_not_ready_in_time_is_told_with_its_last_lines(tmp_path: Path) -> None:
    async with running("store", order_of(tmp_path, "echo waiting; exec sleep 50.5")) as program:
        await until(lambda: program.tail() != "")
        with pytest.raises(ProgramFailed, match=r"store was not ready within 0.3 s. Its last lines:\nwaiting\n"):
            await program.ready(never, within=0.3)


async def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(ProgramFailed, match="ghost could not be started: /nowhere/ghost"):
        Program("ghost", Order(command=["/nowhere/ghost"], log="/dev/null"))


async def test_what_a_program_is_given_does_not_stand_on_a_command_line(tmp_path: Path) -> None:
    # Given a program with a secret in its environment
    order = order_of(tmp_path, "printenv SECRET; exec sleep 50.75", environment={"SECRET": "well kept"})
    async with running("keeper", order) as program:
        await until(lambda: program.tail() == "well kept\n")
        # Then no process shows it to others
        shown = [one.read_bytes() for one in Path("/proc").glob("[0-9]*/cmdline") if one.exists()]
        assert not [line for line in shown if b"well kept" in line]


async def test_an_order_reads_back_as_it_was_given(tmp_path: Path) -> None:
    order = order_of(tmp_path, "line one\nline two", environment={"NAME": "ümlaut\n"}, remove="/gone")
    assert order.as_line().count(b"\n") == 1
    assert Order(**json.loads(order.as_line())) == order
