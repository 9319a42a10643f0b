"""The rate limit, as the last answer told it."""

import pytest

from services.ingest.calendly.budget import Budget


def told(remaining: str, reset: str) -> Budget:
    """Return a budget that was told so at 100 s."""
    budget = Budget()
    budget.note({"x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset}, now=100.0)
    return budget


def test_nothing_is_waited_for_before_the_first_answer() -> None:
    assert Budget().wait(now=100.0) == 0.0


def test_while_requests_are_left_nothing_is_waited_for() -> None:
    assert told("1", "60").wait(now=100.0) == 0.0


def test_when_none_is_left_the_rest_of_the_minute_is_waited_for() -> None:
    budget = told("0", "60")
    assert [budget.wait(now=now) for now in (100.0, 130.0, 160.0, 200.0)] == [60.0, 30.0, 0.0, 0.0]


@pytest.mark.parametrize(("remaining", "reset"), [("", ""), ("none", "60"), ("0", ""), ("-1", "60"), ("0", "²")])
def test_figures_that_are_none_change_nothing(remaining: str, reset: str) -> None:
    assert told(remaining, reset) == Budget()
