"""Losing a race means to decide again, within bounds."""

import pytest

from services.ingest.connections.races import MOST, decided
from services.ingest.event_store import LostRace


class Decision:
    """Loses a number of races before it is saved."""

    def __init__(self, *, loses: int) -> None:
        self.tries = 0
        self._loses = loses

    async def __call__(self) -> str:
        self.tries += 1
        if self.tries <= self._loses:
            raise LostRace
        return "saved"


@pytest.mark.parametrize("loses", [0, 1, MOST - 1])
async def test_a_decision_that_lost_is_made_again_until_it_is_saved(loses: int) -> None:
    decision = Decision(loses=loses)
    assert await decided(decision) == "saved"
    assert decision.tries == loses + 1


async def test_one_that_never_wins_gives_up() -> None:
    decision = Decision(loses=MOST)
    with pytest.raises(LostRace):
        await decided(decision)
    assert decision.tries == MOST
