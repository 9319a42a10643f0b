"""Is the process useful? Named checks, each with a time limit, behind `/readyz`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

Check = Callable[[], Awaitable[object]]
"""Raises, or returns False, where something is wrong."""

AT_MOST = 3.0
"""Seconds for one check."""


class Checks:
    """Checks by name."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = dict(checks)

    async def failing(self) -> dict[str, str]:
        """Return the checks that fail, each with what is wrong with it; all run at once."""
        names = list(self._checks)
        found = await asyncio.gather(*(_run(self._checks[name]) for name in names))
        return {name: fault for name, fault in zip(names, found, strict=True) if fault is not None}


async def _run(check: Check) -> str | None:
    try:
        answer = await asyncio.wait_for(check(), AT_MOST)
    except TimeoutError:
        return f"no answer within {AT_MOST:g} s"
    except Exception as error:  # noqa: BLE001, whatever fails here is an answer
        return type(error).__name__
    return "not advancing" if answer is False else None
