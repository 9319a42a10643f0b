"""A finding as a table for a person at a terminal."""

import sys

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Finding


def show(finding: Finding) -> None:
    """Print a finding; as wide as it needs where nobody looks at it."""
    shown = Table(title=finding.title, title_justify="left")
    for column in ("", finding.unit, "a second", "µs program", "µs PostgreSQL", "µs Kafka", "MB", "ratio"):
        shown.add_column(column, justify="left" if not column else "right", no_wrap=True)
    for one in finding.series:
        if one.percentiles:
            told = "  ".join(f"{name} {value:.0f} ms" for name, value in one.percentiles.items())
            shown.add_row(one.name, "", told)
            continue
        ratio = finding.ratio(one)
        used = (one.micros(part) for part in ("program", "postgres", "kafka"))
        shown.add_row(
            one.name,
            f"{one.events:,}",
            str(one.rate),
            *("" if micros is None else f"{micros:,.0f}" for micros in used),
            f"{one.peak:,.0f}",
            "" if ratio is None else f"{ratio:.2f}",
        )
    Console(width=None if sys.stdout.isatty() else 180).print(shown)
