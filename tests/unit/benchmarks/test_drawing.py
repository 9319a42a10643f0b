"""The page and the plot of the benchmarks are drawn from findings alone."""

from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec

from benchmarks.kept import Kept, keep
from benchmarks.measuring import Finding, Sample, Series
from benchmarks.plot import BARS, svg
from benchmarks.report import page

SVG = "{http://www.w3.org/2000/svg}"


def live() -> Finding:
    ours = Series(name="Bookstream & co", role="project", against="by hand")
    ours.samples = [Sample(events=100, seconds=one, program=0.001, peak=50.0) for one in (1.0, 2.0, 4.0)]
    hand = Series(name="by hand", role="baseline")
    hand.samples = [Sample(events=100, seconds=0.5, program=0.001, peak=40.0)]
    return Finding(key="live", title="Live", unit="events", note="A note.", measured_at="today", series=[ours, hand])


def growth() -> Finding:
    found = Finding(key="growth", title="Growth", unit="events", measured_at="today")
    for size in (100, 200):
        one = Series(name=f"rebuild, {size} events", role="project", against="rebuild, 100 events")
        one.samples = [Sample(events=size, seconds=size / 100, program=0.001)]
        found.series.append(one)
    return found


def latency() -> Finding:
    one = Series(name="at 200", role="project", percentiles={"p50": 14.6, "p99": 60.0})
    return Finding(key="latency", title="Latency", unit="deliveries", measured_at="today", series=[one])


def test_bars_are_as_long_as_their_rates_on_the_scale_of_their_benchmark() -> None:
    root = ET.fromstring(svg({"live": live()}))
    bars = [(one.get("class"), float(one.get("width") or 0)) for one in root.iter(f"{SVG}rect")]
    assert bars == [("project", BARS / 4), ("baseline", float(BARS))]


def test_names_are_escaped_and_latencies_have_no_bars() -> None:
    root = ET.fromstring(svg({"live": live(), "latency": latency()}))
    texts = [one.text for one in root.iter(f"{SVG}text")]
    assert texts == ["Live, events a second", "Bookstream & co", "50", "by hand", "200"]


def test_growth_is_a_straight_line_where_time_grows_as_events_do() -> None:
    root = ET.fromstring(svg({"growth": growth()}))
    line = next(root.iter(f"{SVG}polyline")).get("points") or ""
    (x1, y1), (x2, y2) = (tuple(map(float, point.split(","))) for point in line.split())
    left, floor = 60.0, 174.0
    assert ((x2 - left) / (x1 - left), (floor - y2) / (floor - y1)) == (2.0, 2.0)


def test_the_page_has_a_row_for_each_contestant_and_tells_which_aims_are_met() -> None:
    text = page({"live": live(), "latency": latency()}, machine=["two processors"])
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert "- two processors" in text
    assert "| **Bookstream & co** | 100 | 50 (25 to 100) | 10 |  |  | 50 | 0.25 of by hand |" in rows
    assert "| by hand | 100 | 200 | 10 |  |  | 40 |  |" in rows
    assert "| at 200 | 15 ms | 60 ms |" in rows
    assert "| 202 to row at 200 a second: p50 15 ms | 15 ms | met |" in rows
    assert "| 202 to row at 200 a second: p99 50 ms | 60 ms | not met |" in rows


def test_a_finding_replaces_the_one_before_and_keeps_the_others(tmp_path: Path) -> None:
    first, again = live(), live()
    again.measured_at = "tomorrow"
    for one in (first, latency(), again):
        keep(one, folder=tmp_path, machine=["two processors"])
    kept = msgspec.json.decode((tmp_path / "benchmarks.json").read_bytes(), type=Kept)
    assert [(one.key, one.measured_at) for one in kept.findings] == [("live", "tomorrow"), ("latency", "today")]
    assert "A note. Measured tomorrow." in (tmp_path / "benchmarks.md").read_text()


def test_findings_of_another_machine_are_dropped(tmp_path: Path) -> None:
    keep(live(), folder=tmp_path, machine=["two processors"])
    keep(latency(), folder=tmp_path, machine=["four processors"])
    kept = msgspec.json.decode((tmp_path / "benchmarks.json").read_bytes(), type=Kept)
    assert [one.key for one in kept.findings] == ["latency"]
