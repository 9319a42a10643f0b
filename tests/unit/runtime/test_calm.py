"""What a library repeats is told once in ten seconds, with how often it was said; nothing else is held back."""

import logging

from services.runtime.calm import EVERY, MOST_KEPT, Calm


class Clock:
    """A clock that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def line(text: str = "Unable to connect to %s", *given: object, level: int = logging.WARNING) -> logging.LogRecord:
    """Return a line as a library logs it."""
    return logging.LogRecord("aiokafka", level, "conn.py", 1, text, given or ("broker 1",), None)


def test_what_is_said_again_within_ten_seconds_is_left_out_and_then_counted() -> None:
    # Given a line that was told, and said three times more, of whichever broker
    clock = Clock()
    calm = Calm(clock=clock)
    assert [calm.filter(line("Unable to connect to %s", f"broker {one}")) for one in range(4)] == [True] + [False] * 3
    # When ten seconds are over
    clock.now += EVERY
    again = line()
    # Then it is told with that number, and the next time counted anew
    assert calm.filter(again)
    assert again.getMessage() == "Unable to connect to broker 1 (and 3 times more before)"
    assert not calm.filter(line())


def test_other_texts_and_other_levels_are_told() -> None:
    calm = Calm(clock=Clock())
    lines = [line(), line("Disconnected from %s"), line(level=logging.ERROR)]
    assert [calm.filter(one) for one in lines] == [True, True, True]


def test_lines_without_number_do_not_fill_the_memory() -> None:
    # Given more different lines than are kept
    calm = Calm(clock=Clock())
    assert all(calm.filter(line(f"line {number} of %s")) for number in range(MOST_KEPT + 1))
    # Then the first one was forgotten, and is told anew
    assert calm.filter(line("line 0 of %s"))
