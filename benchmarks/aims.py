"""The aims, and whether the findings meet them. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.measuring import Finding

Findings = Mapping[str, Finding]
LINEAR_ENOUGH = 0.85
"""The rate at the largest number of events, against that at the smallest."""


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What is aimed at; `found` returns the figure, or None where it was not measured."""

    text: str
    found: Callable[[Findings], float | None]
    bound: float
    at_most: bool = False
    shape: str = "{:.1f} times"

    def told(self, findings: Findings) -> tuple[str, str] | None:
        """Return the figure as text and whether it meets the aim; None where it was not measured."""
        figure = self.found(findings)
        if figure is None:
            return None
        met = figure <= self.bound if self.at_most else figure >= self.bound
        return self.shape.format(figure), "met" if met else "not met"


def _ratio(key: str, name: str) -> Callable[[Findings], float | None]:
    def found(findings: Findings) -> float | None:
        series = next((one for one in findings[key].series if one.name == name), None) if key in findings else None
        return findings[key].ratio(series) if series else None

    return found


def _percentile(name: str) -> Callable[[Findings], float | None]:
    def found(findings: Findings) -> float | None:
        return findings["latency"].series[0].percentiles[name] if "latency" in findings else None

    return found


def _peak(findings: Findings) -> float | None:
    series = [one for key in ("live", "rebuild", "growth") if key in findings for one in findings[key].series]
    return max((one.peak for one in series if one.role == "project"), default=None)


def _linear(findings: Findings) -> float | None:
    if "growth" not in findings:
        return None
    growth = findings["growth"]
    ratios = [growth.ratio(one) for one in growth.series]
    return min((one for one in ratios if one is not None), default=None)


AIMS = (
    Aim(
        text="intake at least 3 times FastAPI with one INSERT per request",
        found=_ratio("intake", "Bookstream"),
        bound=3,
    ),
    Aim(text="import at least 15 times one save for each delivery", found=_ratio("import", "Bookstream"), bound=15),
    *(
        Aim(
            text=f"live catch-up of {scene} as fast as the loop by hand",
            found=_ratio("live", f"{scene}: Bookstream"),
            bound=1,
            shape="{:.2f} times",
        )
        for scene in ("appointments", "contacts", "both")
    ),
    *(
        Aim(
            text=f"rebuild of {name} at least 0.6 of the raw read",
            found=_ratio("rebuild", f"{name}: Bookstream"),
            bound=0.6,
            shape="{:.2f} times",
        )
        for name in ("appointments", "contacts")
    ),
    Aim(text="at most 512 MB at any size", found=_peak, bound=512, at_most=True, shape="{:.0f} MB"),
    Aim(
        text="time linear in events: the rate at the largest number at least 0.85 of that at the smallest",
        found=_linear,
        bound=LINEAR_ENOUGH,
        shape="{:.2f}",
    ),
    Aim(
        text="202 to row at 200 a second: p50 15 ms",
        found=_percentile("p50"),
        bound=15,
        at_most=True,
        shape="{:.0f} ms",
    ),
    Aim(
        text="202 to row at 200 a second: p99 50 ms",
        found=_percentile("p99"),
        bound=50,
        at_most=True,
        shape="{:.0f} ms",
    ),
)
