"""The arithmetic of the benchmarks: medians, ranges, ratios, processor time for an event."""

import pytest

from benchmarks.aims import AIMS, Aim
from benchmarks.measuring import Finding, Role, Sample, Series, Spread, percentiles, spread


def series(name: str, *seconds: float, role: Role = "project", against: str | None = None) -> Series:
    samples = [Sample(events=1000, seconds=one, program=0.02, postgres=0.01, peak=100 * one) for one in seconds]
    return Series(name=name, role=role, against=against, samples=samples)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([3.0], Spread(3.0, 3.0, 3.0)),
        ([5.0, 1.0, 3.0], Spread(3.0, 1.0, 5.0)),
        ([4.0, 1.0, 2.0, 9.0], Spread(3.0, 1.0, 9.0)),
    ],
)
def test_a_spread_is_the_median_and_the_range(values: list[float], found: Spread) -> None:
    assert spread(values) == found


def test_a_spread_is_told_with_its_range_where_there_is_one() -> None:
    assert str(spread([1500.4, 900, 12000])) == "1,500 (900 to 12,000)"
    assert str(spread([1500.4])) == "1,500"


def test_rates_are_of_each_round_and_seconds_are_those_of_the_middle_one() -> None:
    one = series("it", 1.0, 2.0, 4.0)
    assert (one.rate, one.seconds, one.events, one.peak) == (Spread(500.0, 250.0, 1000.0), 2.0, 1000, 400.0)


def test_processor_time_is_told_in_microseconds_for_an_event_and_not_at_all_where_it_is_not_known() -> None:
    one = series("it", 1.0, 2.0)
    assert [one.micros("program"), one.micros("postgres"), one.micros("kafka")] == [20.0, 10.0, None]


def test_a_ratio_is_of_the_median_rates_against_the_series_that_is_named() -> None:
    ours, base = series("ours", 0.5, against="base"), series("base", 1.0, 2.0, 4.0, role="baseline")
    finding = Finding(key="live", title="Live", unit="events", series=[ours, base])
    assert [finding.ratio(one) for one in finding.series] == [4.0, None]


def test_percentiles_of_one_to_a_thousand_are_where_they_should_be() -> None:
    found = percentiles([float(one) for one in range(1, 1001)])
    assert {name: round(value) for name, value in found.items()} == {
        "p50": 500, "p90": 901, "p95": 951, "p99": 991, "max": 1000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("figure", "at_most", "told"),
    [(3.0, False, "met"), (2.9, False, "not met"), (3.0, True, "met"), (3.1, True, "not met")],
)
def test_an_aim_is_met_at_its_bound(figure: float, at_most: bool, told: str) -> None:
    aim = Aim(text="so much", found=lambda _: figure, bound=3, at_most=at_most, shape="{:.1f}")
    assert aim.told({}) == (f"{figure:.1f}", told)


def test_what_was_not_measured_meets_no_aim_and_fails_none() -> None:
    assert {aim.told({}) for aim in AIMS} == {None}


def test_growth_is_linear_when_no_size_is_slower_than_the_smallest() -> None:
    small, large = "rebuild, 1,000 events", "rebuild, 10,000 events"
    slower = Series(name=large, role="project", against=small)
    slower.samples = [Sample(events=10_000, seconds=20.0, program=1.0, peak=600)]
    finding = Finding(key="growth", title="Growth", unit="events", series=[series(small, 1.0, against=small), slower])
    told = [found for aim in AIMS if (found := aim.told({"growth": finding}))]
    assert told == [("600 MB", "not met"), ("0.50", "not met")]
