"""Which Calendly plans are accepted (R22)."""

from domain.refusals import PlanRefused

ACCEPTED = frozenset({"standard", "professional", "teams", "enterprise"})


def check_plan(plan: str) -> None:
    """Raise PlanRefused for Free, Essentials and any plan that is not known (R22)."""
    if plan not in ACCEPTED:
        raise PlanRefused(plan)
