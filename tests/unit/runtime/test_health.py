"""Checks run at once and each has a limit; what fails is named by its kind, never by a message that may tell more."""

import asyncio

import pytest

from services.runtime import health
from services.runtime.health import Checks


async def fine() -> None:
    return None


async def stuck() -> bool:
    return False


async def broken() -> None:
    raise ConnectionError("postgresql://user:hunter2@host")


async def silent() -> None:
    await asyncio.Event().wait()


async def test_nothing_fails_where_all_checks_pass() -> None:
    assert await Checks({"database": fine, "kafka": fine}).failing() == {}


async def test_what_fails_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "AT_MOST", 0.01)
    checks = Checks({"database": broken, "kafka": fine, "relay": stuck, "keys": silent})
    assert await checks.failing() == {
        "database": "ConnectionError",
        "relay": "not advancing",
        "keys": "no answer within 0.01 s",
    }


async def test_checks_run_at_once() -> None:
    meeting = asyncio.Barrier(2)  # neither check passes without the other
    assert await Checks({"one": meeting.wait, "two": meeting.wait}).failing() == {}
