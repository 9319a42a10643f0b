"""Waits double up to a limit and begin anew; only a well-formed trace is carried on."""

import asyncio

import pytest

from services.runtime.backoff import Backoff
from services.runtime.trace import valid_trace

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_waits_double_up_to_the_limit_and_begin_anew_after_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def remember(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", remember)
    backoff = Backoff(first=0.5, most=3)
    for _ in range(5):
        await backoff.wait()
    backoff.reset()
    await backoff.wait()
    assert waits == [0.5, 1, 2, 3, 3, 0.5]


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        (TRACE, TRACE),
        (None, None),
        ("", None),
        (TRACE.upper(), None),
        (f"{TRACE}\n", None),
        (f"{TRACE}-more", None),
        ("Lena Vogt", None),
    ],
)
def test_only_a_well_formed_trace_is_carried_on(header: str | None, kept: str | None) -> None:
    assert valid_trace(header) == kept
