"""The findings as a page of documentation. Pure."""

from collections.abc import Iterator, Sequence

from benchmarks.aims import AIMS, Findings
from benchmarks.measuring import Finding, Series

_HEAD = """# Benchmarks

`make bench` measures on real Kafka and PostgreSQL, which share the machine's processors with what is measured, and
writes this page. The project and its baselines run in turns in one run, each in a process of its own, after a round
that warms up; a rate is the median of the rounds, with their range. Nothing in the tests asserts a time.

![Rates against baselines, and growth](benchmarks.svg)
"""

_READING = """## How to read it

Rates depend on what else the machine does; the load before a benchmark tells how busy it was with other things.
Microseconds of processor time for an event depend on that much less, so compare those first. "Program" is the process
measured, with its children; memory is the most that they had resident together. The ratio is of the median rates,
against the row that it names. `python -m benchmarks live rebuild` measures only what it names, and keeps the rest of
this page; `--help` tells of sizes, among them ten million events.
"""


def page(findings: Findings, *, machine: Sequence[str]) -> str:
    """Return the page, in Markdown."""
    parts = [_HEAD, "\n".join(f"- {line}" for line in machine) + "\n", _aims(findings)]
    parts += [_section(one) for one in findings.values()]
    return "\n".join([*parts, _READING])


def _aims(findings: Findings) -> str:
    told = [(aim.text, aim.told(findings)) for aim in AIMS]
    rows = [(text, *figures) for text, figures in told if figures is not None]
    return "## Aims\n\n" + _table(("aim", "found", ""), rows)


def _section(finding: Finding) -> str:
    latencies = [one for one in finding.series if one.percentiles]
    table = _latencies(latencies) if latencies else _rates(finding)
    return f"## {finding.title}\n\n{finding.note} Measured {finding.measured_at}.\n\n{table}"


def _latencies(series: Sequence[Series]) -> str:
    names = list(series[0].percentiles)
    rows = [(one.name, *(f"{one.percentiles[name]:.0f} ms" for name in names)) for one in series]
    return _table(("", *names), rows)


def _rates(finding: Finding) -> str:
    head = ("", finding.unit, "a second", "program", "PostgreSQL", "Kafka", "MB", "ratio")
    note = "\nProgram, PostgreSQL and Kafka: microseconds of processor time for each of the " + finding.unit + ".\n"
    return _table(head, [_row(finding, one) for one in finding.series]) + note


def _row(finding: Finding, one: Series) -> tuple[str, ...]:
    ratio = finding.ratio(one)
    used = (one.micros(part) for part in ("program", "postgres", "kafka"))
    return (
        f"**{one.name}**" if one.role == "project" else one.name,
        f"{one.events:,}",
        str(one.rate),
        *("" if micros is None else f"{micros:,.0f}" for micros in used),
        f"{one.peak:,.0f}",
        "" if ratio is None else f"{ratio:.2f} of {one.against}" if one.name != one.against else "1",
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in _lines(head, rows))


def _lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    yield head
    yield ["---"] * len(head)
    yield from rows
