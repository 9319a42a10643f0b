"""The findings as a plain SVG: bars of rates against baselines, and lines of growth. Readable in light and dark."""

from collections.abc import Sequence
from html import escape

from benchmarks.aims import Findings
from benchmarks.measuring import Finding, Series

WIDTH, LABELS, BARS = 880, 350, 380
ROW, GAP, TOP = 20, 34, 14
GROWTH_HEIGHT = 190

_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600 } .figure { font-size: 11px }
.project { fill: #0969da } .baseline { fill: #8c959f } .limit { fill: #c9d1d9 } .range { stroke: #24292f }
.axis { stroke: #8c959f } .line { fill: none; stroke: #0969da; stroke-width: 2 } .line.second { stroke: #bf8700 }
.dot { fill: #0969da } .dot.second { fill: #bf8700 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .project { fill: #4493f8 } .baseline { fill: #6e7681 } .limit { fill: #3d444d }
  .range { stroke: #e6edf3 } .line { stroke: #4493f8 } .dot { fill: #4493f8 } .axis { stroke: #6e7681 }
}
"""


def svg(findings: Findings) -> str:
    """Return the picture. Bars of one benchmark share a scale from zero; the thin line is the range of the rounds."""
    parts, top = list[str](), TOP
    for finding in findings.values():
        if finding.key != "growth" and any(one.samples for one in finding.series):
            drawn, top = _bars(finding, top)
            parts += drawn
    if "growth" in findings:
        drawn, top = _growth(findings["growth"], top)
        parts += drawn
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img" '
        f'aria-label="Rates against baselines, and growth">\n<style>{_STYLE}</style>\n{body}\n</svg>\n'
    )


def _bars(finding: Finding, top: int) -> tuple[list[str], int]:
    most = max(one.rate.high for one in finding.series)
    parts = [_text(0, top + 12, f"{finding.title}, {finding.unit} a second", kind="title")]
    for number, one in enumerate(finding.series):
        parts += _bar(one, top + 22 + number * ROW, most)
    return parts, top + 22 + len(finding.series) * ROW + GAP - ROW


def _bar(one: Series, y: int, most: float) -> list[str]:
    rate, middle = one.rate, y + 8
    low, width, high = (BARS * value / most for value in (rate.low, rate.median, rate.high))
    return [
        _text(LABELS - 8, y + 12, one.name, anchor="end"),
        f'<rect class="{one.role}" x="{LABELS}" y="{y + 2}" width="{max(width, 1):.1f}" height="12" rx="2"/>',
        f'<line class="range" x1="{LABELS + low:.1f}" x2="{LABELS + high:.1f}" y1="{middle}" y2="{middle}"/>',
        _text(LABELS + max(width, high) + 8, y + 12, f"{rate.median:,.0f}", kind="figure"),
    ]


def _growth(finding: Finding, top: int) -> tuple[list[str], int]:
    works = dict[str, list[Series]]()
    for one in finding.series:
        works.setdefault(one.name.partition(",")[0], []).append(one)
    most_events = max(one.events for one in finding.series)
    most_seconds = max(one.seconds for one in finding.series)
    floor, left = top + GROWTH_HEIGHT - 30, 60

    def at(one: Series) -> tuple[float, float]:
        x = left + (WIDTH - left - 220) * one.events / most_events
        return x, floor - (GROWTH_HEIGHT - 70) * one.seconds / most_seconds

    parts = [_text(0, top + 12, "Growth: seconds by number of events", kind="title")]
    parts += [f'<line class="axis" x1="{left}" x2="{WIDTH - 200}" y1="{floor}" y2="{floor}"/>']
    for number, (work, series) in enumerate(works.items()):
        parts += _line(work, [(one, *at(one)) for one in series], second=number > 0)
    parts += [_text(at(one)[0], floor + 16, f"{one.events:,}", anchor="middle") for one in next(iter(works.values()))]
    return parts, top + GROWTH_HEIGHT


def _line(work: str, points: Sequence[tuple[Series, float, float]], *, second: bool) -> list[str]:
    kind = " second" if second else ""
    path = " ".join(f"{x:.1f},{y:.1f}" for _, x, y in points)
    last, x, y = points[-1]
    dots = [f'<circle class="dot{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for _, x, y in points]
    label = _text(x + 10, y + 4, f"{work}, {last.seconds:.1f} s")
    return [f'<polyline class="line{kind}" points="{path}"/>', *dots, label]


def _text(x: float, y: float, text: str, *, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
