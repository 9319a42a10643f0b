"""Two batches go on at once, unless they concern the same; an error is told and ends the rest."""

import asyncio
from uuid import UUID

import pytest

from services.ingest.importing.lanes import Lanes

ONE, TWO, THREE = (UUID(int=number) for number in range(1, 4))
DEADLINE = 20
"""Seconds."""


class Work:
    """A piece of work that begins, and ends when it may."""

    def __init__(self, *, error: Exception | None = None) -> None:
        self.begun, self.go_on, self.error = asyncio.Event(), asyncio.Event(), error
        self.ended = self.cancelled = False

    async def do(self) -> None:
        """Do it."""
        self.begun.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if self.error is not None:
            raise self.error
        self.ended = True


async def test_work_that_concerns_other_things_goes_on_at_once() -> None:
    first, second = Work(), Work()
    async with asyncio.timeout(DEADLINE), Lanes() as lanes:
        await lanes.start(first.do(), concerned={ONE})
        await lanes.start(second.do(), concerned={TWO})
        await first.begun.wait()
        await second.begun.wait()
        first.go_on.set()
        second.go_on.set()
    assert (first.ended, second.ended) == (True, True)


@pytest.mark.parametrize(
    ("in_work", "concerned"), [([{ONE}], {ONE, TWO}), ([{ONE}, {TWO}], {THREE})], ids=["the same", "no lane is free"]
)
async def test_work_waits_for_what_concerns_the_same_and_for_a_lane(
    in_work: list[set[UUID]], concerned: set[UUID]
) -> None:
    # Given work that goes on
    before, after = [Work() for _ in in_work], Work()
    async with asyncio.timeout(DEADLINE), Lanes() as lanes:
        for work, its in zip(before, in_work, strict=True):
            await lanes.start(work.do(), concerned=its)
            await work.begun.wait()
        # When more is to begin, and one piece ends
        later = asyncio.create_task(lanes.start(after.do(), concerned=concerned))
        asyncio.get_running_loop().call_soon(before[0].go_on.set)
        await later
        # Then it begins after that
        assert before[0].ended
        for work in (*before, after):
            work.go_on.set()
    assert after.ended


async def test_an_error_is_told_and_ends_the_rest() -> None:
    # Given work that fails beside other work
    failing, other, never = Work(error=ValueError("no")), Work(), Work()

    async def all_three() -> None:
        async with asyncio.timeout(DEADLINE), Lanes() as lanes:
            await lanes.start(failing.do(), concerned={ONE})
            await lanes.start(other.do(), concerned={TWO})
            await other.begun.wait()
            failing.go_on.set()
            await lanes.start(never.do(), concerned={THREE})

    # When more is to begin, then it is not begun, and the rest has ended
    with pytest.raises(ValueError, match="no"):
        await all_three()
    assert other.cancelled
    assert not never.begun.is_set()


async def test_an_error_of_the_last_work_is_told_at_the_end() -> None:
    failing = Work(error=ValueError("no"))
    failing.go_on.set()
    with pytest.raises(ValueError, match="no"):
        async with asyncio.timeout(DEADLINE), Lanes() as lanes:
            await lanes.start(failing.do(), concerned={ONE})
