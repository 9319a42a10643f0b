"""What became of a dead letter that a person decided about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.projector.applying.dead_letters import storable
from services.projector.dead_letters.letters import Letter
from services.projector.dead_letters.settle import GONE, Applied, Fault
from services.runtime.database import Connection

Became = Literal["applied", "discarded", "fails again", "gone", "settled by another"]

_REMOVE = "DELETE FROM projector.dead_letters WHERE id = ANY($1)"
_AGAIN = "UPDATE projector.dead_letters SET attempts = attempts + 1, reason = $2, error = $3 WHERE id = $1"
_FIRST = "UPDATE projector.dead_letters SET behind = false, reason = $2, error = $3 WHERE id = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`events` were applied. `stays` is the one that now stands first, `waiting` how many records wait behind it."""

    letter: Letter
    became: Became
    events: int = 0
    waiting: int = 0
    fault: Fault | None = None
    stays: int | None = None


async def note(connection: Connection, applied: Applied, *, removed: Sequence[Letter] = ()) -> None:
    """Store what became of records: those that are done with go, the one that fails stands before the others."""
    await connection.execute(_REMOVE, [one.id for one in (*removed, *applied.done)])
    if applied.stopped is None:
        return
    one, fault = applied.stopped
    if one.behind:
        await connection.execute(_FIRST, one.id, storable(fault.reason), fault.error)
    elif fault.error != GONE:  # why it failed tells more than that it cannot be tried any more
        await connection.execute(_AGAIN, one.id, storable(fault.reason), fault.error)


def outcome(letter: Letter, letters: Sequence[Letter], applied: Applied, *, discarded: bool) -> Outcome:
    """Return what became of the first of a key's dead letters."""
    stopped, fault = applied.stopped or (None, None)
    return Outcome(
        letter=letter,
        became=_became(letter, stopped, fault, discarded=discarded),
        events=applied.events,
        waiting=len(letters) - len(applied.done) - discarded - (stopped is not None),
        fault=fault,
        stays=stopped and stopped.id,
    )


def _became(letter: Letter, stopped: Letter | None, fault: Fault | None, *, discarded: bool) -> Became:
    if stopped is None or fault is None or stopped.id != letter.id:
        return "discarded" if discarded else "applied"
    return "gone" if fault.error == GONE else "fails again"
